"""Which kind of archive it is, told by its first bytes and not by its name."""

from __future__ import annotations

from grader.nouns import BadInput

SUFFIXES = (
    ".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz",
)  # fmt: skip
OTHERS = (".rar", ".7z", ".gz", ".xz", ".bz2", ".zst", ".zipx", ".lzh", ".iso", ".dmg")  # not opened

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second one is empty
_OTHERS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"\x28\xb5\x2f\xfd": "packed with Zstandard",
    b"PK\x07\x08": "a part of a zip archive in several parts",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"%PDF": "a PDF document",
    b"<": "a web page",
    b"{": "a notebook under the name of an archive",
}


def read_archive(data: bytes, where: str) -> dict[str, bytes]:
    """The files in an archive, by their paths in it.

    Raises:
        BadInput: it is no zip or tar archive, or one that ``read_zip`` or ``read_tar`` refuses.
    """
    if data.startswith(_ZIP):
        from grader.read.zipped import read_zip

        return read_zip(data, where)
    for start, kind in _OTHERS.items():
        if data.startswith(start):
            raise BadInput(f"{where}: is {kind}; pack the folder as .zip or .tar.gz and hand in that")
    from grader.read.tarred import read_tar

    return read_tar(data, where)
