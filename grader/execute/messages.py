"""What a kernel tells about a cell's output, taken apart and put together again.

A kernel is the student's: it may send anything that is JSON. What goes on from here has the types that a
notebook has, text that can be stored, and no depth that a later step could stumble over.
"""

from __future__ import annotations

import math
from typing import Any

DEPTH = 20  # of JSON in an output; plots of plotly need about 10
FRAME = 100  # characters that an output costs beside its text, so that a million empty ones are a flood too


def understood(msg: dict[str, Any]) -> dict[str, Any] | None:
    """The message with nothing in it but what its kind may hold; None where it is no message for a cell."""
    kind: object = msg.get("msg_type")
    content = _content(kind, msg.get("content"))
    if content is None:
        return None
    return {**msg, "msg_type": kind, "header": {"msg_type": kind}, "content": content}


def sizes(msg: dict[str, Any]) -> tuple[int, int]:
    """Characters of text and of pictures that an understood message would add to the notebook."""
    content = msg["content"]
    match msg["msg_type"]:
        case "stream":
            return len(content["text"]), 0
        case "display_data" | "execute_result" | "update_display_data":
            parts = [(kind.startswith("image/"), len(str(value))) for kind, value in content["data"].items()]
            text = FRAME + sum(size for picture, size in parts if not picture)
            return text, sum(size for picture, size in parts if picture)
        case "error":
            return FRAME + sum(len(line) for line in content["traceback"]), 0
        case _:
            return 0, 0


def failure(content: Any) -> dict[str, Any]:
    """The name, message and traceback of an exception, from an error message or a reply."""
    content = content if isinstance(content, dict) else {}
    lines = content.get("traceback")
    return {
        "ename": storable(str(content.get("ename", "")))[:200],
        "evalue": storable(str(content.get("evalue", ""))),
        "traceback": [storable(str(line)) for line in lines] if isinstance(lines, list) else [],
    }


def storable(text: str) -> str:
    """Without halves of surrogate pairs, which JSON can spell and no file takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _content(kind: object, content: Any) -> dict[str, Any] | None:
    match kind, content:
        case "status", {"execution_state": str(state)}:
            return {"execution_state": state}
        case "execute_input", {"execution_count": int(count)}:
            return {"execution_count": count}
        case "clear_output", dict():
            return {"wait": content.get("wait") is True}
        case "stream", {"name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"name": name, "text": storable(text)}
        case "error", dict():
            return failure(content)
        case "display_data" | "execute_result" | "update_display_data", {"data": dict() as data}:
            count, transient = content.get("execution_count"), content.get("transient")
            display = transient.get("display_id") if isinstance(transient, dict) else None
            return {
                "data": _json(data),
                "metadata": _json(content.get("metadata") or {}),
                "transient": {"display_id": display} if isinstance(display, str) else {},
                "execution_count": count if isinstance(count, int) else None,
            }
        case _:  # a widget's, which nobody is there to move, or nonsense
            return None


def _json(value: Any, depth: int = 0) -> Any:
    match value:
        case str():
            return storable(value)
        case dict() if depth < DEPTH:
            return {storable(str(key)): _json(item, depth + 1) for key, item in value.items()}
        case list() if depth < DEPTH:
            return [_json(item, depth + 1) for item in value]
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float():
            return value
        case _:
            return None
