"""The cells of a made-up submission, and how they ran."""

from __future__ import annotations

import base64
import struct
import zlib

from hostile_text import ATTACKS, DATAFRAME, HEBREW, HOSTILE, LONG_LINE, RTL_OVERRIDE, ZERO_WIDTH

from grader.nouns import Cell, CellError, CellRun


def png(width: int = 120, height: int = 60) -> str:
    """A small gradient as the base64 of a PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(
        b"\x00" + b"".join(bytes((255 * x // width, 90, 255 * y // height)) for x in range(width))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return base64.b64encode(data).decode()


def code_cell(index: int, source: str, exercise: str | None = None) -> Cell:
    return Cell(index, f"cell-{index}", "code", source, exercise)


CELLS = (
    Cell(0, "cell-0", "markdown", "# Unit 1\n\nMy **solutions**. " + HOSTILE),
    code_cell(1, "import torch\n\ntorch.manual_seed(0)\nprint('torch', torch.__version__)"),
    Cell(2, "cell-2", "markdown", "## The question again", "1.1.1", None, "prompt"),
    code_cell(
        3,
        "# exercise: 1.1.1\nmixed_list = [1, 2.5, 'a']\n\n\ndef to_tensor_or_none(items):\n"
        '    """The tensor, or None."""\n    try:\n        return torch.tensor(items)  # may refuse\n'
        "    except (TypeError, ValueError) as problem:\n        print(problem)\n        return None\n",
        "1.1.1",
    ),
    Cell(4, "cell-4", "markdown", HEBREW, "1.1.1", "mixed_list_explanation"),
    code_cell(5, "def random_bits(shape):\n    return torch.randint(2, shape[1:]).expand(shape)", "1.1.2"),
    code_cell(6, "norms = (x ** 2).sum((1, 2))\nplt.hist(norms)\nnorms", "1.2.1"),
    Cell(7, "cell-7", "markdown", "The norms are *large*, since I forgot the root.", "1.2.1"),
    code_cell(
        8,
        "def even_rows(x):\n    # ערכים זוגיים\n    return x[::2, :]\n\neven_rows(torch.arange(4))",
        "1.3.1",
    ),
    code_cell(
        9, f"name = '{RTL_OVERRIDE}evil{ZERO_WIDTH}'  # {ATTACKS[1]}\nprint(name)\n" + LONG_LINE, "1.6.2"
    ),
    code_cell(10, "while True:\n    pass"),
    code_cell(11, "import os\nos._exit(0)"),
    code_cell(12, "print('never')"),
)
RUNS = (
    CellRun(1, "ok", 0.004, outputs=({"output_type": "stream", "name": "stdout", "text": "torch 2.13.0\n"},)),
    CellRun(3, "ok", 0.0021),
    CellRun(5, "ok", 0.0009),
    CellRun(
        6,
        "ok",
        0.31,
        outputs=(
            {
                "output_type": "stream",
                "name": "stderr",
                "text": ["10%|#   |\r", "100%|####|\n", "a warning\n"],
            },
            {
                "output_type": "display_data",
                "data": {"image/png": png(240, 120), "text/plain": "<Figure size 240x120 with 1 Axes>"},
            },
            {"output_type": "execute_result", "data": {"text/html": DATAFRAME, "text/plain": "   n  norm"}},
        ),
    ),
    CellRun(
        8,
        "error",
        0.012,
        CellError(
            "IndexError",
            "too many indices for tensor of dimension 1",
            (
                "cell 9, line 5\n    even_rows(torch.arange(4))",
                "cell 9, line 3, in even_rows\n    return x[::2, :]",
            ),
        ),
    ),
    CellRun(
        9,
        "flooded",
        1.5,
        CellError(ATTACKS[0], HOSTILE, (HOSTILE,)),
        (
            {"output_type": "stream", "name": "stdout", "text": HOSTILE + "\n" + LONG_LINE},
            {"output_type": "display_data", "data": {"text/html": HOSTILE, "text/plain": HOSTILE}},
            {"output_type": "display_data", "data": {"text/markdown": HOSTILE}},
            {"output_type": "display_data", "data": {"image/svg+xml": ATTACKS[4], "text/plain": "svg"}},
            {"output_type": "display_data", "data": {"image/png": "data:text/html," + ATTACKS[0]}},
            {
                "output_type": "error",
                "ename": ATTACKS[1],
                "evalue": HOSTILE,
                "traceback": ["\x1b[31mred\x1b[0m"],
            },
        ),
    ),
    CellRun(10, "timeout", 10.0),
    CellRun(11, "killed", 0.2),
    CellRun(12, "not reached"),
)
