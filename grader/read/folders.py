"""A folder as it stands on disk, read once into memory."""

from __future__ import annotations

from pathlib import Path

from grader.nouns import BadInput
from grader.read.members import MAX_ENTRIES, MAX_FILE_BYTES, Members, quoted
from grader.read.openings import Folder, NotRegular, TooLarge


def read_folder(path: Path, where: str, *, linked: bool = True) -> dict[str, bytes]:
    """The files below a folder, by their paths in it. Nothing in it may be a link.

    Args:
        linked: whether the folder itself may be one; one that a person gave may, one that was found may not.

    Raises:
        BadInput: it cannot be read, is too large, or holds what is no file or has a name that may not be.
    """
    members = Members(where)
    try:
        if linked:
            with Folder.at(path) as folder:
                _take(folder, "", members)
        else:
            with Folder.at(path.parent) as above, above.folder(path.name) as folder:
                _take(folder, "", members)
    except NotRegular as error:
        raise members.refused(f"{error}; hand in the folder itself") from None
    except OSError as error:
        raise members.refused(
            f"cannot be read ({error.strerror or error}); check its name and permissions"
        ) from None
    return members.files


def _take(folder: Folder, above: str, members: Members) -> None:
    """Read what is in an open folder, whose own path ends in "/" or is empty."""
    for entry in folder.entries(MAX_ENTRIES):
        name = above + entry.name
        path = members.admit(name, is_folder=entry.is_folder)
        if path is None:
            continue
        try:
            if entry.is_folder:
                with folder.folder(entry.name) as inner:
                    _take(inner, f"{name}/", members)
            else:
                members.put(path, folder.read(entry.name, MAX_FILE_BYTES))
        except NotRegular as error:
            raise _refused(members, name, str(error)) from None
        except TooLarge as error:
            members.expect(path, error.size)
            raise
        except OSError as error:
            raise members.refused(
                f"holds {quoted(name)}, which cannot be read ({error.strerror or error}); check its permissions"
            ) from None


def _refused(members: Members, name: str, why: str) -> BadInput:
    return members.refused(f"holds {quoted(name)}, which {why}; put the file itself there")
