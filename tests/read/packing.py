"""Archives for the tests of reading: made of (name, content) pairs, honest or not."""

from __future__ import annotations

import io
import json
import tarfile
import warnings
import zipfile
from collections.abc import Iterable
from typing import Any

from handmade import code, v4

NOTEBOOK = json.dumps(v4(code("x = 1"))).encode()
Files = Iterable[tuple[str, bytes]]
HOMEWORK: list[tuple[str, bytes]] = [
    ("hw/a.ipynb", NOTEBOOK),
    ("hw/model.py", b"y = 2\n"),
    ("hw/data/x.csv", b"1,2\n"),
]


def zipped(files: Files, compression: int = zipfile.ZIP_DEFLATED, **fields: Any) -> bytes:
    """A zip archive; ``fields`` are set on the entry of each file, such as ``external_attr``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files:
            info = zipfile.ZipInfo("x")
            info.filename = info.orig_filename = name  # the constructor would mend it
            info.compress_type = compression
            for field, value in fields.items():
                setattr(info, field, value)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "Duplicate name"
                archive.writestr(info, data)
    return buffer.getvalue()


def tarred(files: Files, mode: str = "w:gz", **fields: Any) -> bytes:
    """A tar archive; ``fields`` are set on the header of each file, such as ``type``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for field, value in fields.items():
                setattr(info, field, value)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
