"""Archives: what is taken out of them, and what is refused and how the refusal reads."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import stat
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packing import HOMEWORK, NOTEBOOK, tarred, zipped

from grader.nouns import BadInput
from grader.read import members, read
from grader.read import tarred as reading_tar

Save = Callable[..., Path]
PACKERS = {
    "a.zip": zipped,
    "stored.zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    "a.tar": lambda files: tarred(files, "w"),
    "a.tar.gz": tarred,
    "a.tgz": tarred,
    "a.tar.xz": lambda files: tarred(files, "w:xz"),
    "a.tar.bz2": lambda files: tarred(files, "w:bz2"),
}
packers = pytest.mark.parametrize("name", PACKERS)
both = pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])


def refusal(path: Path) -> str:
    """The message with which a file is refused: one line that begins with the file."""
    with pytest.raises(BadInput) as caught:
        read(path)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith(str(path)) or str(path) != repr(str(path))[1:-1]
    return message.removeprefix(str(path))


# ------------------------------------------------------------------------------------- reading


@packers
def test_a_notebook_and_what_it_needs(save: Save, name: str) -> None:
    path = save(PACKERS[name](HOMEWORK), name)
    submission = read(path)
    assert (submission.kind, submission.name, submission.member) == ("ipynb", name, "hw/a.ipynb")
    assert submission.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [cell.source for cell in submission.cells] == ["x = 1"]
    assert submission.files == {"model.py": b"y = 2\n", "data/x.csv": b"1,2\n"}
    assert submission.notes == ()


def test_the_content_tells_which_kind_it_is(save: Save) -> None:
    assert read(save(tarred(HOMEWORK), "a.zip")).member == "hw/a.ipynb"
    assert read(save(zipped(HOMEWORK), "a.tar.gz")).member == "hw/a.ipynb"
    assert read(save(tarred(HOMEWORK, "w:xz"), "A.TGZ")).member == "hw/a.ipynb"


@both
def test_what_systems_and_editors_leave_behind_is_ignored(save: Save, name: str) -> None:
    litter = [
        ("__MACOSX/hw/._a.ipynb", b"\0"),
        ("hw/.DS_Store", b"\0"),
        ("hw/.ipynb_checkpoints/a-checkpoint.ipynb", NOTEBOOK),
        ("hw/__pycache__/model.cpython-311.pyc", b"\0"),
        (".git/config", b""),
        ("hw/.ipython/profile_default/startup/a.py", b"raise SystemExit"),
        ("Thumbs.db", b""),
        ("hw/.venv/nul", b""),
    ]
    submission = read(save(PACKERS[name](litter + HOMEWORK), name))
    assert submission.member == "hw/a.ipynb"
    assert sorted(submission.files) == ["data/x.csv", "model.py"]
    assert submission.notes == ()


@both
def test_folders_may_have_entries_of_their_own_and_paths_dots(save: Save, name: str) -> None:
    if name == "a.zip":
        packed = zipped([("hw/", b""), ("hw/", b""), ("./hw//./a.ipynb", NOTEBOOK), ("hw/empty/", b"")])
    else:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for folder in (".", "./hw", "./hw/empty"):
                info = tarfile.TarInfo(folder)
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
            info = tarfile.TarInfo("./hw/a.ipynb")
            info.size = len(NOTEBOOK)
            archive.addfile(info, io.BytesIO(NOTEBOOK))
        packed = buffer.getvalue()
    submission = read(save(packed, name))
    assert (submission.member, submission.files) == ("hw/a.ipynb", {})


@both
def test_long_and_foreign_names(save: Save, name: str) -> None:
    foreign = [
        "נתונים.csv",
        "数据.csv",
        "z" * 240 + ".txt",
        "emoji 😀.txt",
        "a b/c-d (1).txt",
        "HW1: tensors.txt",
    ]
    packed = PACKERS[name]([("a.ipynb", NOTEBOOK), *((each, b"1") for each in foreign)])
    assert set(read(save(packed, name)).files) == set(foreign)


@both
def test_names_are_composed_as_a_notebook_spells_them(save: Save, name: str) -> None:
    """A Mac stores the e and the accent of é apart, and finds the file by either spelling. Linux does not."""
    decomposed = unicodedata.normalize("NFD", "données.csv")
    packed = PACKERS[name]([("a.ipynb", NOTEBOOK), (decomposed, b"1")])
    assert list(read(save(packed, name)).files) == [unicodedata.normalize("NFC", decomposed)]


def test_names_of_a_mac_that_does_not_say_they_are_utf8(save: Save) -> None:
    packed = zipped([("a.ipynb", NOTEBOOK), ("xxxx.csv", b"1")])
    told = packed.replace(b"xxxx.csv", "éé.csv".encode())
    assert list(read(save(told, "a.zip")).files) == ["éé.csv"]
    old = packed.replace(b"xxxx.csv", "éxxx.csv".encode("cp437"))
    assert list(read(save(old, "a.zip")).files) == ["éxxx.csv"]


@both
def test_characters_that_cannot_be_seen_in_a_name_are_shown(save: Save, name: str) -> None:
    packed = PACKERS[name]([("a.ipynb", b"{"), ("\u202egpj.py", b"")])
    submission = read(save(PACKERS[name]([("\u202ebpyni.ipynb", NOTEBOOK), ("b\u200b.csv", b"")]), name))
    assert submission.member == "\u202ebpyni.ipynb"
    with pytest.raises(BadInput) as caught:
        read(save(packed, name), notebook="\u202egpj.py\u200b")
    assert str(caught.value).isprintable()
    assert "'\\u202egpj.py\\u200b'" in str(caught.value)


# ------------------------------------------------------------------------------------ names

BAD_NAMES = [
    ("/etc/passwd", "absolute path"),
    ("//server/share", "absolute path"),
    ("C:/x.py", "absolute path"),
    ("c:x.py", "absolute path"),
    ("../x.py", "leads out of it"),
    ("hw/../../x.py", "leads out of it"),
    ("__MACOSX/../../x.py", "leads out of it"),
    ("hw/..", "leads out of it"),
    ("hw\\x.py", "backslash"),
    ("..\\x.py", "backslash"),
    ("x\ny.py", "control character"),
    ("x\x1b[31m.py", "control character"),
    ("x\u2028.py", "control character"),
    ("nul", "Windows"),
    ("hw/CON.txt", "Windows"),
    ("aux.tar.gz", "Windows"),
    ("COM1 .py", "Windows"),
    ("LPT¹", "Windows"),
    ("hw/data.", "Windows"),
    ("data ", "Windows"),
    ("x" * 256, "255 bytes"),
    ("א" * 128, "255 bytes"),
    ("/".join(["d"] * 21), "nested deeper than the 20"),
    ("/".join(["d" * 240] * 5), "1,000 bytes"),
    ("d" * 5_000, "1,000 bytes"),
    ("hw/a.ipynb", "twice"),
    ("HW/b.py", "take for the same"),
    ("hw/A.ipynb", "take for the same"),
    ("hw/a\u200b.ipynb", "take for the same"),
    ("hw", "twice"),
    ("hw/a.ipynb/x.py", "twice"),
]  # fmt: skip


@both
@pytest.mark.parametrize(("bad", "why"), BAD_NAMES)
def test_names_that_may_not_be(save: Save, name: str, bad: str, why: str) -> None:
    message = refusal(save(PACKERS[name]([*HOMEWORK, (bad, b"1")]), name))
    assert why in message
    assert len(message) < 400
    assert message.startswith(": holds ")


def test_a_nul_in_a_name(save: Save) -> None:
    """Python's zipfile cuts the name there: "a.ipynb" would be graded, where others see "a.ipynb\\0.exe"."""
    packed = zipped([("a.ipynbX.exe", NOTEBOOK)]).replace(b"a.ipynbX.exe", b"a.ipynb\0.exe")
    assert "control character" in refusal(save(packed, "a.zip"))


def test_a_name_that_is_not_utf8(save: Save) -> None:
    header = bytearray(tarfile.TarInfo("bXX.csv").tobuf(tarfile.USTAR_FORMAT).replace(b"XX", b"\xe9\xff"))
    seal(header)
    packed = bytes(header) + tarred(HOMEWORK, "w")
    assert "'b\\udce9\\udcff.csv', a name that is not UTF-8" in refusal(save(packed, "a.tar"))


def seal(header: bytearray) -> None:
    """Give a tar header the checksum that it should have."""
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 8 * 32)


def test_a_zip_name_that_claims_to_be_utf8(save: Save) -> None:
    packed = zipped([("a.ipynb", NOTEBOOK), ("ééé.csv", b"1")]).replace("ééé".encode(), b"\xff" * 6)
    assert "is damaged" in refusal(save(packed, "a.zip"))


def test_a_name_that_differs_in_the_file_s_own_header(save: Save) -> None:
    """One program would unpack another file than the next one shows."""
    packed = zipped([("a.ipynb", NOTEBOOK), ("one.py", b"1")]).replace(b"one.py", b"two.py", 1)
    assert "is damaged (File name in directory" in refusal(save(packed, "a.zip"))


@both
def test_two_compositions_of_one_name(save: Save, name: str) -> None:
    packed = PACKERS[name]([("a.ipynb", NOTEBOOK), ("é.csv", b"1"), ("e\u0301.csv", b"1")])
    assert "twice" in refusal(save(packed, name))


# ------------------------------------------------------------------------------------ members


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (stat.S_IFLNK, "a symbolic link"),
        (stat.S_IFIFO, "a named pipe"),
        (stat.S_IFCHR, "a device"),
        (stat.S_IFBLK, "a device"),
        (stat.S_IFSOCK, "a socket"),
    ],
)
def test_zip_members_that_are_no_files(save: Save, kind: int, what: str) -> None:
    packed = zipped([("a.ipynb", b"/etc/passwd")], external_attr=(kind | 0o777) << 16)
    assert f"'a.ipynb', which is {what}; put the file itself there" in refusal(save(packed, "a.zip"))


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.FIFOTYPE, "a named pipe"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.GNUTYPE_SPARSE, "no ordinary file"),
    ],
)
def test_tar_members_that_are_no_files(save: Save, kind: bytes, what: str) -> None:
    packed = tarred([("a.ipynb", b"")], type=kind, linkname="/etc/passwd")
    assert f"'a.ipynb', which is {what}; put the file itself there" in refusal(save(packed, "a.tar.gz"))


def test_sparse_tar_members(save: Save) -> None:
    """A header of some bytes that stands for a file of any size."""
    fields = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": "0,1",
              "GNU.sparse.size": str(2**40), "GNU.sparse.name": "a.ipynb"}  # fmt: skip
    packed = tarred([("a.ipynb", b"1")], pax_headers=fields)
    assert "no ordinary file" in refusal(save(packed, "a.tar.gz"))


def test_encrypted_members(save: Save) -> None:
    packed = bytearray(zipped([("a.ipynb", NOTEBOOK)]))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    packed[6] |= 1
    assert "encrypted; pack it without a password" in refusal(save(bytes(packed), "a.zip"))


@pytest.mark.parametrize(
    ("method", "name"), [(9, "Deflate64"), (12, "bzip2"), (14, "LZMA"), (93, "Zstandard"), (77, "method 77")]
)
def test_unusual_compression(save: Save, method: int, name: str) -> None:
    packed = bytearray(zipped([("a.ipynb", NOTEBOOK)]))
    struct.pack_into("<H", packed, packed.index(b"PK\x01\x02") + 10, method)
    struct.pack_into("<H", packed, 8, method)
    assert f"packed with {name}; pack it the ordinary way" in refusal(save(bytes(packed), "a.zip"))


# -------------------------------------------------------------------------------------- sizes


@both
def test_a_member_that_is_too_large(save: Save, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_FILE_BYTES", 2**20)
    packed = PACKERS[name]([("a.ipynb", NOTEBOOK), ("big.csv", bytes(3 * 2**20))])
    assert "'big.csv', which has 3 MB, more than the 1 MB" in refusal(save(packed, name))


@both
def test_members_that_are_too_large_together(save: Save, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_TOTAL_BYTES", 2**20)
    monkeypatch.setattr(reading_tar, "MAX_TOTAL_BYTES", 2**20)
    monkeypatch.setattr(reading_tar, "_MAX_TAR", 2**20 + 5000)
    packed = PACKERS[name]([("a.ipynb", NOTEBOOK), *((f"{n}.csv", bytes(2**19)) for n in range(3))])
    assert "more than the 1 MB" in refusal(save(packed, name))


@both
def test_too_many_files(save: Save, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_FILES", 3)
    assert len(read(save(PACKERS[name](HOMEWORK), name)).files) == 2
    assert "more than the 3 files" in refusal(save(PACKERS[name]([*HOMEWORK, ("x", b"")]), name))


@both
def test_too_many_entries_that_are_ignored(save: Save, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_ENTRIES", 10)
    packed = PACKERS[name]([*HOMEWORK, *((f".git/{n}", b"") for n in range(10))])
    assert "more than the 10 entries" in refusal(save(packed, name))


def test_a_swarm_of_zip_entries_is_counted_before_it_is_read(
    save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = zipped([(f"{n}", b"") for n in range(members.MAX_ENTRIES + 1)], zipfile.ZIP_STORED)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("its directory was read"))
    assert "more than the 20,000 entries" in refusal(save(packed, "a.zip"))


def test_a_zip_bomb(save: Save) -> None:
    """Found while it is unpacked, by what comes out."""
    packed = zipped([("a.ipynb", NOTEBOOK), *((f"{n}", bytes(4 * 2**20)) for n in range(5))])
    assert len(packed) < 30_000
    assert "unpacks to more than 100 times its size" in refusal(save(packed, "a.zip"))
    assert (
        len(read(save(zipped([("a.ipynb", NOTEBOOK), ("zeros.bin", bytes(9 * 2**20))]), "a.zip")).files) == 1
    )


def test_a_zip_bomb_whose_headers_deny_it(save: Save) -> None:
    """The size that the directory tells is not believed, nor is more than that unpacked."""
    packed = bytearray(zipped([("bomb", bytes(40 * 2**20)), ("a.ipynb", NOTEBOOK)]))
    entry = packed.index(b"PK\x01\x02")
    for size in (1_000, 0):
        struct.pack_into("<I", packed, entry + 24, size)
        assert "is damaged" in refusal(save(bytes(packed), "a.zip"))
    struct.pack_into("<I", packed, entry + 24, 2**31)
    assert "which has 2048 MB" in refusal(save(bytes(packed), "a.zip"))


def test_overlapping_zip_entries(save: Save) -> None:
    """Many entries of the directory that share the bytes of one file: small on disk, endless unpacked."""
    whole = zipped([("kernel", bytes(2**20)), ("a.ipynb", NOTEBOOK)])
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    second = whole.index(b"PK\x01\x02", start + 1)
    entry = whole[start:second]
    directory = entry * 50 + whole[second:end]
    tail = bytearray(whole[end:])
    struct.pack_into("<HHI", tail, 8, 51, 51, len(directory))
    assert "twice" in refusal(save(whole[:start] + directory + bytes(tail), "a.zip"))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"])
def test_a_tar_bomb(save: Save, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(tarred([("a.ipynb", NOTEBOOK), ("zeros", bytes(12 * 2**20))], "w"))
    assert len(packed) < 100_000
    assert "unpacks to more than 100 times its size" in refusal(save(packed, "a.tar.gz"))


def test_an_xz_archive_whose_header_asks_for_memory(save: Save) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**28, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3}]
    packed = lzma.compress(tarred(HOMEWORK, "w"), lzma.FORMAT_XZ, filters=filters)
    assert "is damaged (Memory usage limit" in refusal(save(packed, "a.tar.xz"))
    best = lzma.compress(tarred(HOMEWORK, "w"), lzma.FORMAT_XZ, preset=9 | lzma.PRESET_EXTREME)
    assert read(save(best, "a.tar.xz")).member == "hw/a.ipynb"


def test_an_archive_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "a.zip").open("wb") as big:
        big.truncate(2**30)
    assert "has 1024 MB, more than the 100 MB that are read; leave out" in refusal(tmp_path / "a.zip")


# ------------------------------------------------------------------------------------- damage


@packers
def test_an_archive_that_ends_too_soon(save: Save, name: str) -> None:
    data = bytes(range(256)) * 40
    packed = PACKERS[name]([*HOMEWORK, ("b.bin", data)])
    for cut in sorted({len(packed) * part // 16 for part in range(1, 16)} | {len(packed) - 1}):
        path = save(packed[:cut], name)
        if name == "a.tar" and cut >= len(packed.rstrip(b"\0")) + 512:
            assert read(path).member  # only padding is missing
        else:
            assert ": is " in refusal(path)


def test_a_tar_that_ends_between_two_members(save: Save) -> None:
    """tarfile takes that for the end; what is missing would be missed by nobody."""
    packed = tarred(HOMEWORK, "w")
    end = packed.rindex(b"hw/data/x.csv")
    assert "ends too soon" in refusal(save(packed[: end - end % 512], "a.tar"))


def test_a_tar_with_a_broken_header_in_the_middle(save: Save) -> None:
    packed = bytearray(tarred(HOMEWORK, "w"))
    packed[packed.rindex(b"hw/data/x.csv")] ^= 1
    assert "is damaged" in refusal(save(bytes(packed), "a.tar"))


def test_a_zip_with_a_wrong_checksum(save: Save) -> None:
    packed = zipped(HOMEWORK, zipfile.ZIP_STORED).replace(b"y = 2\n", b"y = 3\n")
    assert "is damaged (Bad CRC-32" in refusal(save(packed, "a.zip"))


def test_headers_of_headers(save: Save) -> None:
    """Each of them is a call within a call in tarfile."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1
    block = header.tobuf(tarfile.GNU_FORMAT) + bytes(512)
    packed = gzip.compress(block * 5_000 + tarred(HOMEWORK, "w"))
    assert "headers of headers without end" in refusal(save(packed, "a.tar.gz"))


@pytest.mark.parametrize("size", [2**20, 2**40, -512])
def test_headers_of_a_size_that_no_header_has(save: Save, size: int) -> None:
    header = tarfile.TarInfo("pax")
    header.type = tarfile.XHDTYPE
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = size.to_bytes(12, "big", signed=True)  # as GNU writes what eleven digits cannot hold
    block[124] = 0xFF if size < 0 else 0x80
    seal(block)
    packed = bytes(block) + tarred(HOMEWORK, "w")
    assert "is damaged" in refusal(save(packed, "a.tar"))


def test_pax_headers_that_send_tarfile_round_in_circles(save: Save) -> None:
    packed = tarred([("a.ipynb", NOTEBOOK), ("b", b"1")], "w", pax_headers={"size": "-1024"})
    assert "is damaged" in refusal(save(packed, "a.tar"))


def test_pax_headers_that_take_tarfile_minutes(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_tar, "MAX_HEADER_WORK", 10**7)
    packed = tarred([(f"{n}", b"") for n in range(20)], pax_headers={"comment": "1" * 3_000})
    assert "longer than its files" in refusal(save(packed, "a.tar.gz"))


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "a.zip", "is empty"),
        (b"PK\x05\x06" + bytes(18), "a.zip", "no notebook (.ipynb) and no script (.py); it is empty"),
        (b"PK\x03\x04nonsense", "a.zip", "is damaged (File is not a zip file)"),
        (b"Rar!\x1a\x07\x01", "a.zip", "is a RAR archive; pack the folder as .zip or .tar.gz"),
        (b"7z\xbc\xaf\x27\x1c", "a.zip", "is a 7-Zip archive"),
        (b"<html>login</html>", "a.zip", "is a web page"),
        (NOTEBOOK, "a.zip", "is a notebook under the name of an archive"),
        (b"nonsense" * 100, "a.tar", "is damaged"),
        (gzip.compress(b"nonsense" * 100), "a.tar.gz", "is damaged"),
        (bytes(1024), "a.tar", "it is empty"),
        (b"\x1f\x8b" + bytes(50), "a.tar.gz", "is damaged"),
        (b"\xfd7zXZ\x00" + bytes(50), "a.tar.xz", "is damaged"),
        (b"BZh9" + bytes(50), "a.tar.bz2", "is damaged"),
        (b"Rar!", "a.rar", "archives of this kind ('.rar') are not opened; hand in a notebook"),
        (b"7z", "a.7z", "('.7z') are not opened"),
        (b"\x1f\x8b", "a.ipynb.gz", "('.gz') are not opened"),
        (zipped(HOMEWORK), "homework", "rename it to end in .zip"),
        (zipped(HOMEWORK), "a.ipynb", "rename it to end in .zip"),
        (b"%PDF-1.4", "a.pdf", "cannot tell what this is ('.pdf')"),
    ],
    ids=range(19),  # not the data: what is packed at another time has other bytes
)
def test_what_is_no_archive(save: Save, data: bytes, name: str, why: str) -> None:
    assert why in refusal(save(data, name))


@pytest.mark.parametrize("inner", ["inner.zip", "inner.tar.gz"])
def test_archives_in_archives_are_not_opened(save: Save, inner: str) -> None:
    packed = zipped([(inner, PACKERS[{"inner.zip": "a.zip"}.get(inner, "a.tar.gz")](HOMEWORK))])
    assert f"archives in it are not opened: unpack '{inner}'" in refusal(save(packed, "a.zip"))
    beside = zipped([*HOMEWORK, ("hw/weights.npz", zipped([("a.npy", b"1")]))])
    assert "weights.npz" in read(save(beside, "a.zip")).files


def test_a_damaged_notebook_is_told_by_its_place(save: Save) -> None:
    message = refusal(save(zipped([("hw/a.ipynb", b"{")]), "a.zip"))
    assert message.startswith(": hw/a.ipynb: is not a notebook, or a damaged one")
