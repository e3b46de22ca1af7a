"""A report read back into a tree, so that tests ask what a browser would see instead of searching text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    parent: Node | None = None

    def all(self, tag: str | None = None, klass: str | None = None) -> list[Node]:
        """Descendants with this tag and this class, in the order of the page."""
        return [
            one for one in self._walk() if tag in (None, one.tag) and (klass is None or klass in one.classes)
        ]

    def one(self, tag: str | None = None, klass: str | None = None) -> Node:
        found = self.all(tag, klass)
        assert len(found) == 1, f"{len(found)} of <{tag} class={klass}>"
        return found[0]

    def by_id(self, id: str) -> Node:
        return next(one for one in self._walk() if one.attributes.get("id") == id)

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def ancestors(self) -> Iterator[Node]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def _walk(self) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child._walk()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("#page")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        node = Node(tag, dict(attrs), parent=self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> where </{self.at.tag}> was due"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parse(html: str) -> Node:
    """The tree of a page. Fails on a tag that is closed out of turn: nothing may break out of its place."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.at is builder.root, f"<{builder.at.tag}> was never closed"
    return builder.root


def article(page: Node, id: str) -> Node:
    """The part of a report that is about one exercise."""
    return page.by_id(f"ex-{id.replace('.', '-')}")
