"""The search for a secret, run by a hostile submission: files, environment, /proc, memory, frames, heap.

A secret here is ``canary-`` and 32 more bytes. The search knows only its pattern, which does not match itself. A
decoy of the same form is planted in each of the places that can be written to, so that a search that finds nothing
is known to work.
"""

HUNTER = r"""
import ctypes, gc, os, re, sys, types

PATTERN = re.compile(rb"canar[y]-(.{32})", re.DOTALL)
DECOY = "".join(("cana", "ry-", "decoy" * 6, "de"))
LARGEST = 2**20  # bytes of a file that is read
ORDINARY = ("/usr", "/lib", "/bin", "/proc", "/sys", "/etc/ssl", sys.base_prefix, sys.prefix)


def note(found, place, data):
    for match in PATTERN.finditer(bytes(data)):
        kind = "decoy" if match[1].startswith(b"decoydecoy") else "secret"
        found.add((kind, place))


def names(thing):
    return thing.encode("utf-8", "replace") if isinstance(thing, str) else thing


def in_files(found):
    # the root itself may not be listed: begin at every place that is known some other way
    with open("/proc/self/mountinfo") as mounts:
        starts = {line.split()[4] for line in mounts}
    starts |= {"/", "/etc", "/home", "/root", "/var", "/srv", "/mnt", os.getcwd(), os.environ["HOME"], *sys.path}
    starts |= {os.path.dirname(place) for place in starts}
    seen = set()
    for folder, _, files in (entry for start in sorted(starts) if start for entry in os.walk(start)):
        if folder in seen or folder.startswith(("/proc", "/sys")):
            continue
        seen.add(folder)
        for name in files:
            path = os.path.join(folder, name)
            note(found, "file name", names(path))
            if folder.startswith(ORDINARY) or os.path.islink(path) or not os.path.isfile(path):
                continue
            try:
                with open(path, "rb") as file:
                    note(found, "file", file.read(LARGEST))
            except OSError:
                pass


def in_environment(found):
    note(found, "environment", repr(sorted(os.environ.items())).encode())
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_char_p
    note(found, "environment", libc.getenv(b"GRADE_SECRET") or b"")


def in_proc(found):
    for pid in ["self", *filter(str.isdigit, os.listdir("/proc"))]:
        for name in ("environ", "cmdline", "stat", "status", "mountinfo", "net/unix"):
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    note(found, f"/proc {name}", file.read(LARGEST))
            except OSError:
                pass
        in_memory(found, pid)
        try:
            for fd in os.listdir(f"/proc/{pid}/fd"):
                path = f"/proc/{pid}/fd/{fd}"
                note(found, "descriptor", os.readlink(path).encode())
        except OSError:
            pass


def in_memory(found, pid):
    try:
        maps = open(f"/proc/{pid}/maps")
    except OSError:
        return
    try:
        memory = open(f"/proc/{pid}/mem", "rb", 0)
        read = lambda low, size: (memory.seek(low), memory.read(size))[1]
    except OSError:
        if pid != "self":
            return
        read = ctypes.string_at
    with maps:
        for line in maps:
            span, rights, _, _, inode, *path = line.split(maxsplit=5)
            if "r" not in rights or "[v" in line or (inode != "0" and "w" not in rights):
                continue
            low, high = (int(part, 16) for part in span.split("-"))
            while low < high:
                size = min(high - low, 2**24)
                try:
                    data = read(low, size)
                except (OSError, OverflowError):
                    break
                note(found, "memory" if pid == "self" else "memory of another", data)
                low += size if high - low <= size else size - 64


def in_frames(found):
    for frame in sys._current_frames().values():
        while frame is not None:
            for scope in (frame.f_locals, frame.f_globals):
                for value in list(scope.values()):
                    if isinstance(value, (str, bytes, bytearray)):
                        note(found, "frame", names(value))
            frame = frame.f_back


def in_heap(found):
    gc.unfreeze()  # what was there before a fork counts, too
    for thing in gc.get_objects():
        inner = list(thing.values()) if type(thing) is dict else thing if type(thing) in (list, tuple, set) else ()
        for value in list(inner):
            if type(value) in (str, bytes, bytearray):
                note(found, "heap", names(value))


def hunt():
    found = set()
    for search in (in_files, in_environment, in_proc, in_frames, in_heap):
        search(found)
    return {kind: sorted(place for what, place in found if what == kind) for kind in ("secret", "decoy")}


def plant():
    with open("/tmp/note.txt", "w") as file:
        file.write(DECOY)
    open("/dev/shm/" + DECOY, "w").close()
    os.environ["DECOY"] = DECOY
    return DECOY


kept_by_the_heap = [plant()]
"""

EVERYWHERE = {"environment", "file", "file name", "frame", "heap", "memory"}  # where the decoy must be found
