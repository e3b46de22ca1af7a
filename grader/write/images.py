"""Pictures as data: URIs, and the room that a report has for them and for text."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass

from markupsafe import Markup

MAX_PIXELS = 40_000_000  # a browser spends four bytes on each, however small the file is
BROAD = 1.8  # width over height: panels side by side, most likely
NARROW = 480  # pixels that fit on a telephone, more or less

_NOTE = Markup('<p class="note">{}</p>')


@dataclass(slots=True)
class Room:
    """How many more characters may go into the report, so that it stays below three megabytes.

    ``share`` is opened for one exercise after the other, so that a flood in one leaves the rest readable.
    """

    pictures: int = 1_500_000
    words: int = 1_000_000
    picture_share: int = 1_500_000
    word_share: int = 1_000_000
    divide_pictures: bool = False  # only where there are more than fit: most exercises have none

    def share(self, parts: int) -> None:
        """Begin a part of the report; ``parts`` are still to come, this one included."""
        self.picture_share = self.pictures // (max(parts, 1) if self.divide_pictures else 1)
        self.word_share = self.words // max(parts, 1)

    def text(self, markup: Markup) -> Markup:
        """The markup if there is room for it, else a note in its place."""
        if len(markup) > self.word_share:
            return self.full()
        self.words -= len(markup)
        self.word_share -= len(markup)
        return markup

    def full(self) -> Markup:
        """What stands in the place of something that there is no room for."""
        return _NOTE.format("Left out: this part of the report would be too long.")

    def picture(self, size: int) -> bool:
        """Whether a picture of ``size`` characters still fits; if it does, the room is taken."""
        if size > self.picture_share:
            return False
        self.pictures -= size
        self.picture_share -= size
        return True


def picture_tag(data: str, alt: str, room: Room) -> Markup:
    """An <img> of a PNG given in base64, or a note that says why it is not shown. Empty for no data."""
    if not data:
        return Markup("")
    if len(data) > 2 * room.picture_share:  # not even decoded; base64 with a line break after each character
        return _left_out(len(data))
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return _NOTE.format("A picture is not shown, because its data are damaged.")
    if raw[:8] != b"\x89PNG\r\n\x1a\n" or raw[12:16] != b"IHDR" or len(raw) < 33:
        return _NOTE.format("A picture is not shown, because it is not a PNG.")
    width, height = struct.unpack(">II", raw[16:24])
    if not 0 < width * height <= MAX_PIXELS:
        return _NOTE.format(f"A picture of {width:,} by {height:,} pixels is not shown.")
    clean = base64.b64encode(raw).decode("ascii")
    if not room.picture(len(clean)):
        return _left_out(len(clean))
    tag = Markup('<img src="data:image/png;base64,{}" alt="{}" width="{}" height="{}">')
    image = tag.format(clean, alt, width, height)
    if width <= NARROW or width < BROAD * height:
        return image
    # on a narrow screen it scrolls in its own box, and a keyboard can reach it
    return Markup('<div class="broad" tabindex="0" role="group" aria-label="{}">{}</div>').format(alt, image)


def _left_out(size: int) -> Markup:
    return _NOTE.format(f"A picture of {size * 3 // 4096:,} KiB is left out: the report would be too large.")
