"""Of several files: which one is graded, what is put beside it, and what is left out and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from handmade import code, make_exercise, markdown, v4
from packing import NOTEBOOK, zipped

from grader.nouns import BadInput, Exercise, Submission
from grader.read import read

Save = Callable[..., Path]

EXERCISES: Mapping[str, Exercise] = {
    "1.1.1": make_exercise("1.1.1", {"one": "function"}, stub="def one():\n    raise NotImplementedError\n"),
    "1.1.2": make_exercise("1.1.2", {"two": "value"}, stub="two = None\n"),
    "1.1.3": make_exercise("1.1.3", {"why": "text"}),
}
ONE, TWO = "def one():\n    return 1", "two = 2"


def notebook(*cells: object) -> bytes:
    return json.dumps(v4(*(code(cell) if isinstance(cell, str) else cell for cell in cells))).encode()


STUBS = notebook(EXERCISES["1.1.1"].stub, EXERCISES["1.1.2"].stub)
WHY = markdown("Because.", {"grader": {"exercise": "1.1.3", "answer": "why"}})


@pytest.fixture
def submit(save: Save) -> Callable[..., Submission]:
    """``submit({"a.ipynb": …}, notebook="a.ipynb")``: what is read of a zip archive of those files."""

    def submit(files: Mapping[str, bytes], notebook: str | None = None) -> Submission:
        return read(save(zipped(files.items()), "sub.zip"), notebook, EXERCISES)

    return submit


Submit = Callable[..., Submission]


def refusal(submit: Submit, files: Mapping[str, bytes], notebook: str | None = None) -> str:
    with pytest.raises(BadInput) as caught:
        submit(files, notebook)
    assert str(caught.value).isprintable()
    return str(caught.value)


# -------------------------------------------------------------------------------- which is graded


def test_the_only_notebook_whatever_it_answers(submit: Submit) -> None:
    submission = submit({"src/a.ipynb": STUBS, "src/b.py": ONE.encode(), "src/c.py": TWO.encode()})
    assert (submission.member, submission.kind, submission.notes) == ("src/a.ipynb", "ipynb", ())
    assert set(submission.files) == {"b.py", "c.py"}


def test_of_several_notebooks_the_one_that_answers_most(submit: Submit) -> None:
    submission = submit({"handout.ipynb": STUBS, "old.ipynb": notebook(ONE), "new.ipynb": notebook(ONE, TWO)})
    assert submission.member == "new.ipynb"
    [note] = submission.notes
    assert note == (
        "of 3 notebooks 'new.ipynb' was graded, since it answers the most exercises (2), and not "
        "'handout.ipynb', 'old.ipynb'; --notebook PATH chooses another"
    )
    assert set(submission.files) == {"handout.ipynb", "old.ipynb"}


def test_written_answers_count(submit: Submit) -> None:
    assert submit({"a.ipynb": notebook(ONE), "b.ipynb": notebook(ONE, WHY)}).member == "b.ipynb"


def test_copies_of_one_notebook_are_no_question(submit: Submit) -> None:
    submission = submit({"old/hw/a.ipynb": notebook(ONE), "hw/a.ipynb": notebook(ONE), "b.ipynb": STUBS})
    assert submission.member == "hw/a.ipynb"


def test_a_notebook_that_cannot_be_read_answers_nothing(submit: Submit) -> None:
    submission = submit({"broken.ipynb": b"{", "a.ipynb": notebook(ONE)})
    assert submission.member == "a.ipynb"
    assert submission.notes[1] == "'broken.ipynb' cannot be read"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            {"a.ipynb": notebook(ONE), "b.ipynb": notebook(TWO), "c.ipynb": STUBS},
            "2 notebooks that answer equally many exercises (1); --notebook PATH tells which one to grade: "
            "'a.ipynb', 'b.ipynb'",
        ),
        ({"a.ipynb": STUBS, "b.ipynb": STUBS}, "2 notebooks and none with answers; --notebook PATH tells"),
        ({"a.ipynb": b"{", "b.ipynb": b"["}, "2 notebooks and none that can be read; --notebook PATH"),
        ({f"{n}.ipynb": NOTEBOOK for n in range(21)}, "holds 21 notebooks; --notebook PATH tells which"),
        ({f"{n}.ipynb": NOTEBOOK for n in range(21)}, "'0.ipynb', '1.ipynb', '2.ipynb', '3.ipynb', '4.ipynb' and 16 more"),
        ({"a.py": ONE.encode(), "b.py": TWO.encode()}, "holds 2 scripts that answer equally many"),
        ({"a.txt": b"1"}, "holds no notebook (.ipynb) and no script (.py), only 'a.txt'"),
        ({}, "it is empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_told(submit: Submit, files: Mapping[str, bytes], why: str) -> None:
    assert why in refusal(submit, files)


def test_scripts(submit: Submit) -> None:
    assert submit({"a.py": b"x = 1", "numpy.py": b"", "sub/conftest.py": b""}).member == "a.py"
    assert submit({"exercises.py": ONE.encode()}).member == "exercises.py"
    submission = submit({"main.py": f"{ONE}\n{TWO}".encode(), "parts.py": b"def three(): pass"})
    assert (submission.member, submission.kind) == ("main.py", "py")
    assert "of 2 scripts 'main.py' was graded" in submission.notes[0]


def test_the_one_that_a_person_names(submit: Submit) -> None:
    files = {"x/a.ipynb": notebook(ONE, TWO), "x/b.ipynb": STUBS, "y/b.ipynb": STUBS, "c.py": b"x", "d": b""}
    for wanted in ("x/b.ipynb", "./x/b.ipynb", "x\\b.ipynb"):
        assert submit(files, wanted).member == "x/b.ipynb"
        assert submit(files, wanted).notes == ()
    assert submit(files, "a.ipynb").member == "x/a.ipynb"
    assert submit(files, "c.py").kind == "py"
    assert "holds no 'b.ipynb'; --notebook takes one of 'x/a.ipynb', 'x/b.ipynb'" in refusal(
        submit, files, "b.ipynb"
    )
    assert "holds no '../etc'" in refusal(submit, files, "../etc")
    assert "'d' is neither a notebook" in refusal(submit, files, "d")


def test_a_single_file_has_no_choice(save: Save) -> None:
    with pytest.raises(BadInput, match="--notebook is for archives and folders"):
        read(save(NOTEBOOK), "a.ipynb")


def test_the_whole_course_is_looked_at_where_no_exercises_are_given(save: Save) -> None:
    from grader.catalogue import catalogue
    from grader.examine.solutions import read_reference

    solution = read_reference(catalogue()["1.1.2"]).solution
    path = save(zipped([("a.ipynb", NOTEBOOK), ("b.ipynb", notebook(solution))]), "sub.zip")
    assert read(path).member == "b.ipynb"


def test_results_of_an_earlier_run_are_no_candidates(submit: Submit) -> None:
    """A student who graded at home hands in the folder as it is then."""
    files = {
        "a.ipynb": notebook(ONE),
        "executed.ipynb": notebook(ONE + "  # again"),
        "grade.json": b"{}",
        "report.html": b"",
    }
    submission = submit(files)
    assert (submission.member, submission.files, submission.notes) == ("a.ipynb", {}, ())
    files.pop("report.html")
    assert "equally many" in refusal(submit, files)


# ------------------------------------------------------------------------------- what goes with it


def test_the_notebook_s_folder_is_where_paths_begin(submit: Submit) -> None:
    submission = submit(
        {"hw/nb/a.ipynb": NOTEBOOK, "hw/nb/m.py": b"1", "hw/nb/d/x.csv": b"2", "hw/nb2/y.csv": b"3",
         "hw/nb/e/x.csv": b"9", "e/z.csv": b"8", "tools/t.py": b"4", "m.py": b"5", "d": b"6", "A.ipynb": b"7"},
        "hw/nb/a.ipynb",
    )  # fmt: skip
    assert submission.files == {
        "m.py": b"1", "d/x.csv": b"2", "hw/nb2/y.csv": b"3", "tools/t.py": b"4", "e/x.csv": b"9", "e/z.csv": b"8"
    }  # fmt: skip
    assert submission.notes == (
        "left out, since outside the notebook's folder, where it runs: 'm.py', 'd', 'A.ipynb'",
    )


@pytest.mark.parametrize(
    "name",
    ["torch.py", "torch.pyc", "torch.cpython-311-x86_64-linux-gnu.so", "numpy/__init__.py", "grader.py",
     "sitecustomize.py", "usercustomize.py", "conftest.py", "evil.pth", "deep/down/evil.pth",
     "deep/sitecustomize.py", "matplotlib/__init__.pyc", "torchvision.PY", "reference/__init__.py"],
)  # fmt: skip
def test_files_that_would_be_taken_for_a_library_are_left_out(submit: Submit, name: str) -> None:
    submission = submit({"hw/a.ipynb": NOTEBOOK, "hw/b.csv": b"1", f"hw/{name}": b"raise SystemExit"})
    assert submission.files == {"b.csv": b"1"}
    assert submission.notes == (f"left out, since named like a library or run by Python unasked: '{name}'",)


@pytest.mark.parametrize(
    "name",
    ["torch_tools.py", "my/torch.py", "numpy/x.csv", "torch.csv", "random.py", "test.py", "datasets.py",
     "utils.py", "model/__init__.py", "torchy/__init__.py", "torch/x.py", "torch.txt"],
)  # fmt: skip
def test_files_that_nothing_of_ours_would_import_are_kept(submit: Submit, name: str) -> None:
    submission = submit({"hw/a.ipynb": NOTEBOOK, f"hw/{name}": b"1"})
    assert (set(submission.files), submission.notes) == ({name}, ())


def test_a_package_named_like_a_library_goes_as_a_whole(submit: Submit) -> None:
    files = {"a.ipynb": NOTEBOOK, "numpy/__init__.py": b"", "numpy/core.py": b"", "numpy/x.csv": b""}
    submission = submit(files)
    assert set(submission.files) == {"numpy/x.csv"}
    assert "'numpy/__init__.py', 'numpy/core.py'" in submission.notes[0]
