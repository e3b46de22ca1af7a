"""The command: through a real process where that matters, else through its entry point."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import grader
from grader import cli
from grader.catalogue import catalogue, select
from grader.examine.solutions import read_reference
from grader.execute.warm import WarmParent

ROOT = Path(grader.__file__).parents[1]
ALL = catalogue()


def right(id: str) -> str:
    return read_reference(ALL[id]).solution


def save(path: Path, *cells: Any) -> Path:
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=made), path)
    return path


def without_times(value: Any) -> Any:
    """A grade without what differs from run to run."""
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key != "seconds"}
    if isinstance(value, list):
        return [without_times(item) for item in value]
    return value


# -------------------------------------------------------------------------- through real processes


def command(*arguments: object, cwd: Path, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """``python -m grader``, as from a shell whose output is not a terminal."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(path), str(ROOT))), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "grader", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


MIXED = (
    new_markdown_cell("# My answers"),
    right("1.1.2"),
    "print('<script>alert(1)</script>')\n1 / 0",
    "import torch\ndef make_xy(n=10): return torch.rand(n, n), 0\ndef keep_positive(x, y): return x.clone()",
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    right("1.3.2"),
)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A folder in which a mixed notebook was graded, and what the command said."""
    folder = tmp_path_factory.mktemp("mixed")
    save(folder / "mixed.ipynb", *MIXED)
    (folder / "torch.py").write_text("raise SystemExit('a file of the student is no module of ours')")
    return folder, command("mixed.ipynb", "--only", "1.1.2,1.3", "--seed", 7, cwd=folder)


def test_run_tells_the_grade(mixed: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = mixed
    assert (done.returncode, done.stderr) == (0, "")
    for id, points in (("1.1.2", "5 / 5"), ("1.3.1", "0 / 5"), ("1.3.2", "5 / 5")):
        assert re.search(rf"{re.escape(id)} .*{points}", done.stdout), done.stdout
    assert "10 of 15 points" in done.stdout
    assert "report.html" in done.stdout


def test_run_writes_grade_and_report(mixed: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = mixed
    data = json.loads((folder / "grade.json").read_text())
    assert (data["schema"], data["seed"], data["points"], data["max_points"]) == (1, 7, 10, 15)
    assert {exercise["id"]: exercise["status"] for exercise in data["exercises"]} == {
        "1.1.2": "passed",
        "1.3.1": "failed",
        "1.3.2": "passed",
    }
    assert [cell["ending"] for cell in data["cells"]] == ["ok", "error", "ok", "killed", "ok"]
    report = (folder / "report.html").read_text()
    assert "Four-dimensional tensor of random bits" in report
    assert "<script>alert" not in report
    executed = nbformat.read(folder / "executed.ipynb", as_version=4)
    nbformat.validate(executed)
    assert len(executed.cells) == len(MIXED)
    assert "alert(1)" in executed.cells[2].outputs[0].text


def test_same_seed_same_grade(mixed: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """And --fail-under changes nothing but the exit code."""
    folder, _ = mixed
    options = (
        "--only",
        "1.1.2,1.3",
        "--seed",
        7,
        "--fail-under",
        70,
        "-q",
        "--out",
        tmp_path / "new" / "place",
    )
    done = command("run", "mixed.ipynb", *options, cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")
    first = json.loads((folder / "grade.json").read_text())
    second = json.loads((tmp_path / "new" / "place" / "grade.json").read_text())
    assert without_times(first) == without_times(second)
    assert (folder / "report.html").is_file()


def test_script_and_a_fault_of_our_own(tmp_path: Path) -> None:
    """An exercise whose check has a bug: exit code 1, its points stay open, all else is graded."""
    unit, section = "unit9_made_up", "s1_bugs"
    for package, question in (
        (
            "exercises",
            '"""# Doubling\n\nDouble it."""\nfrom grader.authoring import check, equal\nkinds = ("tensor",)\n'
            'budget_s = 1\nstub = "def double(x):\\n    raise NotImplementedError\\n"\n'
            "@check(points=2)\ndef sound(student):\n    '''doubles'''\n    equal(student.double(4), 8)\n"
            "@check(points=3)\ndef bug(student):\n    '''has a bug'''\n    student.double(4) + {}['missing']\n"
            "@check(points=1)\ndef trips(student):\n    '''trips over a strange answer'''\n"
            "    equal({8: 'eight'}[student.double(4)], 'eight')\n",
        ),
        ("reference", '"""Twice."""\n# %% solution\ndef double(x):\n    return 2 * x\n'),
    ):
        folder = tmp_path / package / unit / section
        folder.mkdir(parents=True)
        (tmp_path / package / "__init__.py").touch()
        for init in (folder.parent, folder):
            (init / "__init__.py").write_text('"""# A title\n\nSome text."""\n')
        (folder / "q1_doubling.py").write_text(question)
    (tmp_path / "right.py").write_text("def double(x):\n    return x + x\n")
    (tmp_path / "strange.py").write_text("# %%\ndef double(x):\n    return 'twice'\n")
    faults = {}
    for name in ("right", "strange"):
        done = command(f"{name}.py", "--out", name, cwd=tmp_path, path=tmp_path)
        assert "Traceback" not in done.stdout + done.stderr
        assert done.returncode == 1
        [exercise] = json.loads((tmp_path / name / "grade.json").read_text())["exercises"]
        assert exercise["status"] == "broken"
        faults[name] = {check["name"]: (check["status"], check["points"]) for check in exercise["checks"]}
    assert faults["right"] == {"sound": ("passed", 2), "bug": ("broken", 0), "trips": ("passed", 1)}
    assert faults["strange"] == {"sound": ("failed", 0), "bug": ("broken", 0), "trips": ("failed", 0)}


def test_doctor(tmp_path: Path) -> None:
    done = command("doctor", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = {line["what"]: line for line in json.loads(done.stdout)}
    for what in ("Python", "torch", "packages", "exercises", "references", "warm kernel", "cold kernel"):
        assert lines[what]["state"] == "ok", lines[what]
    for line in lines.values():
        assert line["state"] in ("ok", "degraded", "missing")
        assert line["found"]
        assert line["state"] != "missing" or line["remedy"], line


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['grade', '--help']\nfrom grader.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print('code', end.code)\n"
        "print('heavy', sorted({'torch', 'matplotlib', 'nbclient', 'sklearn', 'numpy', 'rich'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert "Usage: grade SUBMISSION [OPTIONS]" in done.stdout
    for name in ("run", "list", "show", "notebook", "doctor"):
        assert re.search(rf"^  {name} +\S", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("code 0\nheavy []\n")


# ------------------------------------------------------------------------- through the entry point


class Lent:
    """The tests' warm parent, which a command may use but not close."""

    def __init__(self, warm: WarmParent) -> None:
        self._warm = warm

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warm, name)

    def __enter__(self) -> Lent:
        return self

    def __exit__(self, *_: object) -> None:
        pass


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    warm: WarmParent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Run:
    """``run("list", "--json")``: exit code, stdout and stderr of the command, in an empty folder."""
    monkeypatch.setattr("grader.execute.kernels.start_kernels", lambda *_: Lent(warm))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["grade", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert isinstance(end.value.code, int)
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


def assert_bad_input(told: tuple[int, str, str], *words: str) -> None:
    code, out, err = told
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1, err
    assert err.startswith("grade: ")
    for word in words:
        assert word in err


def test_missing_file(run: Run) -> None:
    assert_bad_input(run("nosuch.ipynb"), "nosuch.ipynb", "there is no such file")


def test_empty_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    assert_bad_input(run("work"), "work: holds no notebook", "it is empty")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.ipynb", "{", "not a notebook"),
        ("a.ipynb", "[]", "notebook"),
        ("a.ipynb", "", "empty"),
        ("a.ipynb", "<html>", "web page"),
        ("a.txt", "x = 1", "cannot tell"),
        ("a\nb.ipynb", "{", "a\\nb.ipynb"),
    ],
)
def test_damaged_file(run: Run, tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    assert_bad_input(run(name), words)


@pytest.mark.parametrize("only", ["9.9", "1.2.x", "nonsense", ",", "1.1.1,7"])
def test_unknown_selection(run: Run, tmp_path: Path, only: str) -> None:
    save(tmp_path / "a.ipynb", "x = 1")
    assert_bad_input(run("a.ipynb", "--only", only))
    assert_bad_input(run("show", only))
    assert not (tmp_path / "grade.json").exists()


def test_results_that_cannot_be_written(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told before anything is run."""
    monkeypatch.setattr("grader.grading.grade", lambda *_: pytest.fail("it was graded for nothing"))
    save(tmp_path / "a.ipynb", "x = 1")
    (tmp_path / "file").touch()
    for out in ("file", "file/below", "/proc/nowhere"):
        assert_bad_input(run("a.ipynb", "--out", out), out, "--out")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--bogus"],
        ["a.ipynb", "--bogus"],
        ["a.ipynb", "--fail-under", "101"],
        ["a.ipynb", "--seed", "x"],
        ["a.ipynb", "--cell-time", "0"],
        ["a.ipynb", "b.ipynb"],
        ["run"],
        ["notebook"],
        ["show"],
        ["list", "--bogus"],
    ],
    ids=" ".join,
)
def test_wrong_usage(run: Run, arguments: list[str]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "Usage:" in err
    assert "Traceback" not in err


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"grade, version {grader.__version__}\n", "")


def test_list(run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    for id, exercise in ALL.items():
        assert re.search(rf"^{re.escape(id)} +{re.escape(exercise.title.split()[0])}", out, re.MULTILINE), out
    code, out, _ = run("list", "1.3", "--json")
    listed = json.loads(out)
    assert code == 0
    assert [entry["id"] for entry in listed] == ["1.3.1", "1.3.2"]
    for entry in listed:
        exercise = ALL[entry["id"]]
        assert (entry["title"], entry["points"], entry["kinds"], entry["budget_s"]) == (
            exercise.title,
            exercise.points,
            list(exercise.kinds),
            exercise.budget_s,
        )


def test_show(run: Run) -> None:
    code, out, _ = run("show", "1.3.1")
    assert code == 0
    assert "keep_positive" in out
    for check in ALL["1.3.1"].checks:
        assert check.title.split()[0] in out


def test_notebook_runs_and_grades_to_nothing(run: Run, tmp_path: Path) -> None:
    """Everything is unanswered, and nobody complains."""
    code, out, _ = run("notebook", "1", "--out", "unit1.ipynb")
    assert (code, out) == (0, f"unit1.ipynb: {len(select('1'))} exercises\n")
    made = nbformat.read(tmp_path / "unit1.ipynb", as_version=4)
    nbformat.validate(made)
    code, _, err = run("unit1.ipynb", "--out", "out")
    assert (code, err) == (0, "")
    data = json.loads((tmp_path / "out" / "grade.json").read_text())
    assert (data["points"], data["open_points"]) == (0, 0)
    assert {exercise["status"] for exercise in data["exercises"]} == {"not attempted"}
    assert len(data["exercises"]) == len(select("1"))
    assert {cell["ending"] for cell in data["cells"]} == {"ok"}


def test_notebook_does_not_overwrite(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.ipynb").write_text("my answers")
    assert_bad_input(run("notebook", "1.1", "--out", "mine.ipynb"), "mine.ipynb", "--force")
    assert (tmp_path / "mine.ipynb").read_text() == "my answers"
    assert run("notebook", "1.1", "--out", "mine.ipynb", "--force")[0] == 0
    assert run("notebook", "1.1.2,1.3")[0] == 0
    assert (tmp_path / "exercises-1.1.2-1.3.ipynb").is_file()


@pytest.mark.parametrize("name", ["plain.py", "percent.py"])
def test_script(run: Run, tmp_path: Path, name: str) -> None:
    answers = [right("1.1.2"), right("1.3.1")]
    text = "\n\n".join(answers) if name == "plain.py" else "".join(f"# %%\n{answer}\n" for answer in answers)
    (tmp_path / name).write_text(text)
    code, out, err = run(name, "--fail-under", 100, "--only", "1.1.2,1.3.1")
    assert (code, err) == (0, ""), out
    data = json.loads((tmp_path / "grade.json").read_text())
    assert (data["submission"]["kind"], data["points"], data["max_points"]) == ("py", 10, 10)


# -- several files in one submission

HIDDEN = "raise SystemExit('a file of the student was run in place of a library')"


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    """A folder: a notebook, a module that holds an answer, data that it opens, and files named like libraries."""
    folder = tmp_path / "homework"
    (folder / "data").mkdir(parents=True)
    [name] = ALL["1.1.2"].answers
    reads = (
        "import os, bits, torch\nprint(open('data/seed.txt').read(), torch.tensor([1]).sum(), os.listdir())"
    )
    writes = "open('data/seed.txt', 'a').write('more')\nopen('new.txt', 'x').write('new')"
    save(folder / "hw.ipynb", reads, writes, f"from bits import {name}", right("1.3.1"))
    (folder / "bits.py").write_text(right("1.1.2"))
    (folder / "data" / "seed.txt").write_text("seed 7")
    for library in ("torch", "grader", "sitecustomize", "usercustomize", "conftest", "ipykernel"):
        (folder / f"{library}.py").write_text(HIDDEN)
    (folder / "numpy").mkdir()
    (folder / "numpy" / "__init__.py").write_text(HIDDEN)
    (folder / "evil.pth").write_text("import os; os._exit(1)")
    startup = folder / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "a.py").write_text(HIDDEN)
    return folder


def pack(folder: Path, archive: str) -> str:
    kind = {"zip": "zip", "gz": "gztar", "xz": "xztar", "bz2": "bztar", "tar": "tar"}
    base = folder.parent / archive.split(".")[0]
    shutil.make_archive(str(base), kind[archive.split(".")[-1]], folder.parent, folder.name)
    return archive


def assert_graded(folder: Path, name: str, member: str) -> None:
    data = json.loads((folder / "grade.json").read_text())
    assert {exercise["id"]: exercise["points"] for exercise in data["exercises"]} == {"1.1.2": 5, "1.3.1": 5}
    told = data["submission"]
    assert (told["name"], told["member"], told["files"], told["kind"]) == (name, member, 2, "ipynb")
    [note] = told["notes"]
    assert "named like a library" in note
    assert "and 3 more" in note
    report = (folder / "report.html").read_text()
    assert f"{member} in {name}, with 2 other files beside it" in report
    executed = nbformat.read(folder / "executed.ipynb", as_version=4)
    printed = executed.cells[0].outputs[0].text
    assert printed.startswith("seed 7 tensor(1) [")
    assert not re.search("torch|numpy|evil|conftest", printed.partition("[")[2])
    assert {cell["ending"] for cell in data["cells"]} == {"ok"}


@pytest.mark.parametrize("archive", ["sub.zip", "sub.tar.gz", "sub.tar.xz", "sub.tar.bz2", "sub.tar"])
def test_archive(run: Run, tmp_path: Path, homework: Path, archive: str) -> None:
    pack(homework, archive)
    code, out, err = run(archive, "--only", "1.1.2,1.3.1")
    assert (code, err) == (0, "")
    assert f"{archive}: homework/hw.ipynb" in out
    assert_graded(tmp_path, archive, "homework/hw.ipynb")


def test_folder_twice(run: Run, homework: Path) -> None:
    """The results lie in the folder, and the next run does not take them for a part of the submission."""
    digests = []
    for _ in range(2):
        code, _, err = run("homework", "--only", "1.1.2,1.3.1", "--seed", 1)
        assert (code, err) == (0, "")
        assert_graded(homework, "homework", "hw.ipynb")
        digests.append(json.loads((homework / "grade.json").read_text())["submission"]["sha256"])
    assert digests[0] == digests[1]
    assert (homework / "data" / "seed.txt").read_text() == "seed 7"
    assert not (homework / "new.txt").exists()


def test_archive_with_a_cold_kernel(homework: Path) -> None:
    """A fresh Python process, which would look for modules, .pth files and start-up files in its home."""
    archive = pack(homework, "sub.zip")
    done = command(archive, "--only", "1.1.2,1.3.1", "--kernel", "cold", cwd=homework.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert_graded(homework.parent, "sub.zip", "homework/hw.ipynb")


def test_the_folder_one_is_in_is_no_place_for_our_own_modules(tmp_path: Path) -> None:
    """``python -m`` puts it first on the path; an instructor may be in a submission's folder."""
    for name in ("click", "torch", "numpy", "rich", "json", "re", "pathlib", "secrets"):
        (tmp_path / f"{name}.py").write_text(HIDDEN)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "grader", "list", "1.1.2", "--json"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["id"] == "1.1.2"


def test_files_are_there_again_after_a_cell_has_ended_its_kernel(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "hw"
    folder.mkdir()
    reads = "import my\nprint(my.x, open('data.txt').read())"
    kills = "open('data.txt', 'w').write('spoiled')\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    save(folder / "hw.ipynb", reads, kills, reads + "\nprint('after')")
    (folder / "my.py").write_text("x = 3\n")
    (folder / "data.txt").write_text("whole")
    assert run(pack(folder, "hw.zip"), "--only", "1.1.2")[0] == 0
    executed = nbformat.read(tmp_path / "executed.ipynb", as_version=4)
    assert [cell.outputs[0].text for cell in (executed.cells[0], executed.cells[2])] == [
        "3 whole\n",
        "3 whole\nafter\n",
    ]


def test_which_notebook_of_an_archive(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "hw"
    folder.mkdir()
    save(folder / "a.ipynb", right("1.1.2"))
    save(folder / "b.ipynb", right("1.3.1"))
    archive = pack(folder, "hw.zip")
    assert_bad_input(run(archive), "hw.zip", "--notebook PATH tells which one", "'hw/a.ipynb', 'hw/b.ipynb'")
    code, out, _ = run(archive, "--notebook", "hw/b.ipynb", "--only", "1.1.2,1.3.1")
    assert code == 0
    assert "5 of 10 points" in out
    assert "hw.zip: hw/b.ipynb" in out


def test_hostile_archives_are_one_line_each_and_the_next_one_is_graded(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "hw"
    folder.mkdir()
    save(folder / "a.ipynb", right("1.1.2"))
    good = pack(folder, "good.zip")
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.write(folder / "a.ipynb", "a.ipynb")
        archive.writestr("../../escaped.txt", "out")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "a.ipynb", "a.ipynb")
        archive.writestr("zeros", bytes(20 * 2**20))
    os.symlink("/etc/passwd", folder / "data.txt")
    pack(folder, "link.tar.gz")
    assert_bad_input(run("slip.zip"), "'../../escaped.txt', which leads out of it")
    assert_bad_input(run("bomb.zip"), "unpacks to more than 100 times its size")
    assert_bad_input(run("link.tar.gz"), "'hw/data.txt', which is a symbolic link")
    assert_bad_input(run("hw"), "'data.txt', which is a symbolic link")
    assert not list(tmp_path.parent.glob("escaped*"))
    assert run(good, "--only", "1.1.2", "--fail-under", 100)[0] == 0


def test_interrupted_by_its_user(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.grading.grade", interrupted)
    save(tmp_path / "a.ipynb", "x = 1")
    code, out, err = run("a.ipynb")
    assert (code, out, err.strip()) == (130, "", "grade: stopped")


# ------------------------------------------------------------------------------------- assignments


def test_an_assignment_says_what_is_graded_and_how(tmp_path: Path) -> None:
    save(tmp_path / "a.ipynb", right("1.1.2"), right("1.3.1"))
    (tmp_path / "hw.toml").write_text('title = "Homework"\nseed = 5\n[exercises]\n"1.1.2" = 3\n')
    done = command("a.ipynb", "--assignment", "hw.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    grade = json.loads((tmp_path / "grade.json").read_text())
    assert [exercise["id"] for exercise in grade["exercises"]] == ["1.1.2"]
    assert grade["seed"] == 5
    assert f"Homework: {3 * ALL['1.1.2'].points:g} of {3 * ALL['1.1.2'].points:g}" in done.stdout


def test_an_assignment_and_a_selection_contradict_each_other(tmp_path: Path) -> None:
    save(tmp_path / "a.ipynb", right("1.1.2"))
    (tmp_path / "hw.toml").write_text('[exercises]\n"1.1.2" = 3\n')
    done = command("a.ipynb", "--assignment", "hw.toml", "--only", "1.1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "grade: --only and --assignment both say what is graded; give one of them\n"
