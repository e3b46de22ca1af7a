"""What a submission can reach, and what it cannot. Each test asserts the outcome of one kind of attack."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from grader.execute.isolation import reaches
from grader.execute.warm import WarmParent
from tests.attacks.conftest import Attack, printed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _full(attack: Attack) -> None:
    """Where the machine cannot put the walls up there is nothing to attack; it says so."""
    layers = attack("1").layers
    held = [name for name, holds in layers.items() if holds]
    if not reaches("full", held):
        pytest.skip(f"this machine offers only: {', '.join(held)}")


def test_writing_outside_is_denied(attack: Attack, tmp_path: Path) -> None:
    victim = tmp_path / "grades.txt"
    victim.write_text("100")
    session = attack(
        f"open({str(victim)!r}, 'w').write('x')",
        f"import os; os.chmod({str(ROOT / 'README.md')!r}, 0)",
        "import os, sys; os.utime(os.__file__)",
        "open('/usr/lib/x', 'w')",
        "open('/etc/passwd', 'a').write('x')",
        "import os; os.remove(os.__file__)",
    )
    for index in range(6):
        assert "Error" in printed(session, index), printed(session, index)
    assert victim.read_text() == "100"


def test_references_and_home_are_not_there(attack: Attack, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    session = attack(
        f"import os; print([p for p in ({str(ROOT / 'reference')!r}, {str(ROOT / 'exercises')!r}, {str(secret)!r},"
        f" {os.path.expanduser('~')!r}) if os.path.exists(p)])",
        "import reference",
        "import os\nfound = [os.path.join(d, f) for d, _, fs in os.walk('/') for f in fs\n"
        "         if f.startswith(('q1_mixed_list', 'secret')) or f.endswith('.ipynb')]\nprint(len(found), found[:3])",
        "import os; print({**os.environ}.get('SECRET_OF_THE_PARENT'), sorted(os.environ)[:3] != [])",
    )
    # the way to Python may lead through a home directory: it is there then, and holds nothing else
    assert "reference" not in printed(session, 0)
    assert "exercises" not in printed(session, 0)
    assert "secret" not in printed(session, 0)
    assert "ModuleNotFoundError" in printed(session, 1)
    assert printed(session, 2).startswith("0 "), printed(session, 2)
    assert printed(session, 3).startswith("None True")


def test_there_is_no_network(attack: Attack) -> None:
    session = attack(
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)",
        "import socket; socket.socket(socket.AF_INET6)",
        "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "import socket; socket.socket(40, socket.SOCK_STREAM)  # AF_VSOCK",
        "import urllib.request; urllib.request.urlopen('http://localhost:1', timeout=5)",
    )
    for index in range(5):
        assert "Error" in printed(session, index), printed(session, index)


def test_other_processes_are_neither_seen_nor_touched(attack: Attack) -> None:
    session = attack(
        "import os; print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit())[:1],"
        f" {os.getpid()} in [int(p) for p in os.listdir('/proc') if p.isdigit()])",
        f"import os; os.kill({os.getpid()}, 9)",
        f"open('/proc/{os.getpid()}/mem', 'rb')",
        "open('/proc/1/mem', 'rb').read(1)",
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "for name, args in (('ptrace', (16, 1, 0, 0)), ('unshare', (0x10000000,)), ('mount', (b'none', b'/tmp', b'tmpfs', 0, 0))):\n"
        "    print(name, getattr(libc, name)(*args), os.strerror(ctypes.get_errno()))",
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "for number in (425, 250, 321, 298, 323):\n    print(libc.syscall(number, 0, 0, 0, 0), ctypes.get_errno())",
        "import os; os.setuid(0)",
    )
    assert printed(session, 0).startswith("[1] False")
    for index in (1, 2, 3, 6):
        assert "Error" in printed(session, index), printed(session, index)
    assert printed(session, 4).count("-1 Operation not permitted") == 3, printed(session, 4)
    assert printed(session, 5).count("-1 1") == 5, printed(session, 5)


def test_memory_is_bounded_and_the_other_exercises_live(attack: Attack) -> None:
    session = attack(
        "kept = 1",
        "hoard = []\nwhile True:\n    hoard.append(bytearray(50_000_000))",
        "import mmap\nkeep = []\nwhile True:\n    m = mmap.mmap(-1, 50_000_000)\n"
        "    for i in range(0, 50_000_000, 4096):\n        m[i] = 1\n    keep.append(m)",
        "late = 2; print('alive')",
    )
    endings = {run.index: run.ending for run in session.runs}
    assert endings[1] in ("memory", "error"), endings
    assert endings[2] in ("memory", "error"), endings
    assert "alive" in printed(session, 3)
    for exercise in ("0.0.0", "0.0.3"):
        worker = session.worker(exercise)
        assert worker is not None
        worker.close()


def test_processes_and_threads_are_bounded(attack: Attack) -> None:
    session = attack(
        "import os, time\nborn = 0\ntry:\n    while born < 500:\n        pid = os.fork()\n        if pid == 0:\n"
        "            time.sleep(30); os._exit(0)\n        born += 1\nexcept OSError as error:\n    print(error, born < 100)",
        "print('still here')",
    )
    assert "True" in printed(session, 0), printed(session, 0)
    assert "still here" in printed(session, 1)


def test_the_disk_is_bounded(attack: Attack) -> None:
    session = attack(
        "with open('big', 'wb') as f:\n    while True:\n        f.write(bytes(1_000_000))",
        "import tempfile\nwith open('/tmp/big', 'wb') as f:\n    while True:\n        f.write(bytes(1_000_000))",
        "for i in range(200_000):\n    open(f'f{i}', 'w').close()",
        "print('still here')",
    )
    for index in range(3):
        assert "OSError" in printed(session, index), printed(session, index)
    assert "still here" in printed(session, 3)


def test_nothing_is_left_running_or_on_disk(attack: Attack, walled: WarmParent) -> None:
    session = attack(
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)\n"
        "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True, close_fds=False)\n"
        "open('/tmp/left', 'w').write('x'); open('/dev/shm/left', 'w').write('x'); os.makedirs('a/b'); os.chmod('a', 0)",
    )
    before = {process.pid for process in psutil.process_iter() if process.uids().real >= 61_000}
    session.close()
    if os.geteuid() == 0:
        assert before, "behind the walls a submission runs as a user of its own"
    alive = [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "600"]]
    assert not alive
    assert not Path("/tmp/left").exists()
    assert not Path("/dev/shm/left").exists()
