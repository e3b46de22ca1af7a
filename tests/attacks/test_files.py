"""Attacks on files: those of the machine, of the grader and of other submissions, and what is left behind."""

from __future__ import annotations

import os
from pathlib import Path

from tests.attacks.conftest import AFTER, USUAL, Attack, Command, right, save

ROOT = Path(__file__).parents[2]


def test_writing_outside_is_denied(attack: Attack, tmp_path: Path) -> None:
    """Also chmod, utime, links, removals; nor is the way to the sockets of the kernel open."""
    victim = tmp_path / "grades.csv"
    victim.write_text("100")
    times = ROOT.stat().st_mtime_ns, victim.stat().st_mtime_ns
    acts = {
        "write": f"open({str(victim)!r}, 'w').write('x')",
        "chmod": f"os.chmod({str(ROOT / 'README.md')!r}, 0)",
        "chmod of what is there": "os.chmod(os.__file__, 0)",
        "utime": "os.utime(os.__file__)",
        "touch": "open('/usr/lib/x', 'w')",
        "append": "open('/etc/passwd', 'a').write('x')",
        "remove": "os.remove(os.__file__)",
        "rename": "os.rename(os.__file__, os.__file__ + 'x')",
        "link": "os.link(os.__file__, '/tmp/link'); os.chmod('/tmp/link', 0)",
        "extended attribute": "os.setxattr(os.__file__, 'user.x', b'x')",
        "root": "os.mkdir('/x')",
        "beside the work directory": "open(os.path.join(os.path.dirname(os.getcwd()), 'x'), 'w')",
        "sockets": "place = os.path.dirname(os.getcwd()); [os.remove(os.path.join(place, name)) for name in os.listdir(place)]",
        "proc": "open('/proc/sys/kernel/hostname', 'w').write('x')",
        "device": "os.mknod('/tmp/disk', 0o60600, 0x0800)",
    }
    told = attack("import os", *acts.values())
    for number, name in enumerate(acts, 1):
        assert "Error" in told.said(number), f"{name}: {told.said(number)}"
    assert victim.read_text() == "100"
    assert (ROOT.stat().st_mtime_ns, victim.stat().st_mtime_ns) == times


def test_references_exercises_and_other_submissions_are_not_there(attack: Attack, tmp_path: Path) -> None:
    """Neither by their path, nor by import, nor by a search of everything."""
    neighbour = save(tmp_path / "neighbour.ipynb", right(AFTER))
    gradebook = tmp_path / "gradebook.sqlite"
    gradebook.write_text("grades")
    paths = [
        str(ROOT / "reference"),
        str(ROOT / "exercises"),
        str(ROOT / "tests"),
        str(neighbour),
        str(gradebook),
    ]
    told = attack(
        f"import os; print([path for path in {paths} if os.path.exists(path)])",
        *(f"import importlib.util, sys\nsys.meta_path[:] = [f for f in sys.meta_path if 'Refusal' not in type(f).__name__]\n"
          f"sys.path += {[str(ROOT)]}\nimport {name}" for name in ("reference.unit1_introduction_to_tensors", "exercises", "grader.examine")),
        "found = [os.path.join(d, f) for d, _, fs in os.walk('/') for f in fs\n"
        "         if f.startswith(('q1_mixed_list', 'gradebook', 'neighbour', 'attack.')) or f.endswith('.ipynb')]\n"
        "print([path for path in found if '/site-packages/' not in path])",
        "print(sorted(os.listdir('/')))",
    )  # fmt: skip
    assert told.said(0) == "[]\n"
    for number in (1, 2):
        assert "ModuleNotFoundError" in told.said(number), told.said(number)
    # the package `grader` is there, since the kernel is part of it; so are its checks' verbs, but no exercise
    assert told.said(4) == "[]\n"
    assert "'home'" not in told.said(5)


def test_leftovers_are_gone(attack: Attack, command: Command, tmp_path: Path) -> None:
    """What one submission writes, the next one does not see; directories that nobody may enter go, too."""
    attack(
        "import os\nfor place in ('/tmp', '/dev/shm', '.', os.environ['HOME'], os.environ['TMPDIR']):\n"
        "    with open(os.path.join(place, 'MARK'), 'w') as file: file.write('x')",
        "os.makedirs('locked/inner'); open('locked/inner/MARK', 'w').close(); os.chmod('locked/inner', 0); os.chmod('locked', 0)\n"
        "os.mkfifo('pipe'); os.symlink('/', 'root'); os.symlink('loop', 'loop')",
        "home = os.open('.', os.O_RDONLY)\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')\nos.fchdir(home)",
        "from multiprocessing import shared_memory, resource_tracker\nresource_tracker.register = lambda *_: None\n"
        "piece = shared_memory.SharedMemory('MARK', create=True, size=4096); print('made')",
    )
    look = "import os; print([name for place in ('/tmp', '/dev/shm', '.') for name in os.listdir(place) if 'mark' in name or name == 'locked'])"
    told = command(save(tmp_path / "look" / "look.ipynb", look, right(AFTER)), "--only", AFTER, "-q")
    assert told.said(0) == "[]\n"


def test_files_that_pose_as_modules(attack: Attack, command: Command, tmp_path: Path) -> None:
    """``torch.py`` and ``grader.py``: written by a cell, or handed in beside the notebook."""
    told = attack(
        "for name in ('torch', 'grader', 'numpy', 'reference', 'nbformat'):\n"
        "    with open(name + '.py', 'w') as file: file.write('raise SystemExit(\"mine\")')",
        "import torch, grader, numpy; print(torch.ones(2).sum().item(), 'site' in torch.__file__)",
    )
    assert told.said(1) == "2.0 True\n"
    folder = tmp_path / "handed_in"
    path = save(folder / "a.ipynb", right(AFTER))
    for name in ("torch.py", "grader.py", "nbformat.py", "sitecustomize.py"):
        (folder / name).write_text("raise SystemExit('a file of the student')")
    told = command(path, "--only", AFTER, "-q")
    assert told.points == {AFTER: USUAL}


def test_a_result_that_is_a_link_is_replaced_and_not_followed(
    full: None, usual: str, command: Command, tmp_path: Path
) -> None:
    """The folder may be a student's: what lies where a result belongs must not lead elsewhere."""
    victim = tmp_path / "gradebook"
    victim.write_text("100")
    path = save(tmp_path / "a" / "a.ipynb", right(AFTER))
    results = [path.parent / name for name in ("grade.json", "report.html", "executed.ipynb")]
    for result in results:
        result.symlink_to(victim)
    assert command(path, "--only", AFTER, "-q").code == 0
    assert victim.read_text() == "100"
    assert not [result for result in results if result.is_symlink()]


def test_a_result_that_is_no_file_is_refused_without_blocking(
    full: None, usual: str, command: Command, tmp_path: Path
) -> None:
    for make in (os.mkfifo, os.mkdir):
        path = save(tmp_path / make.__name__ / "a.ipynb", right(AFTER))
        make(path.parent / "grade.json")
        told = command(path, "--only", AFTER, "-q")
        assert told.code == 2
        assert "cannot write the result" in told.err


def test_a_submission_that_is_no_file_is_refused_without_blocking(
    full: None, usual: str, command: Command, tmp_path: Path
) -> None:
    """A pipe, an endless device, a folder, a link in a circle."""
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name, target in (
        ("device", "/dev/zero"),
        ("folder", str(tmp_path / "empty")),
        ("circle", "circle.ipynb"),
    ):
        (tmp_path / f"{name}.ipynb").symlink_to(target)
    (tmp_path / "empty").mkdir()
    for name in ("pipe", "device", "folder", "circle"):
        told = command(tmp_path / f"{name}.ipynb", "-q")
        assert told.code == 2, (name, told)
        assert len(told.err.splitlines()) == 1, (name, told)
