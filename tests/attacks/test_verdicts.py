"""Forged verdicts, as whole submissions. Lies told by single answers are in the tests of checks and of comparing."""

from __future__ import annotations

import json

import pytest

from tests.attacks.conftest import Attack, answers

ALWAYS = "always = lambda *args, **kwargs: True\n"

FORGERIES = {
    "printed scores": (
        "import json, sys\nprint('1.3.2: passed, 5 of 5 points')\n"
        "print(json.dumps({'schema': 1, 'points': 15.0, 'max_points': 15.0, 'status': 'passed'}))\n"
        "print('::set-output name=score::100', file=sys.stderr)\nimport os; os.write(1, b'5 passed in 0.1 s\\n')",
        answers("None"),
    ),
    "a result file of its own": (
        "import json, os\nfor place in ('.', '/tmp', os.path.dirname(os.getcwd())):\n"
        "    for name in ('grade.json', 'results.json', 'report.html'):\n        try:\n"
        "            with open(os.path.join(place, name), 'w') as file: json.dump({'points': 15}, file)\n"
        "        except OSError: pass",
        answers("None"),
    ),
    "inherited descriptors": (
        "import os, stat\nfor fd in range(3, 1024):\n    try:\n        if stat.S_ISREG(os.fstat(fd).st_mode): continue\n"
        "        os.set_blocking(fd, False)\n    except OSError: continue\n"
        "found = [os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}')]\n"
        "print([name for name in found if name.endswith(('.json', '.html', '.sqlite')) or 'grade.json' in name])",
        answers("None"),
    ),
    "patched comparisons": (
        "import builtins, torch, unittest\n" + ALWAYS +
        "torch.allclose = torch.equal = torch.isclose = torch.Tensor.equal = torch.Tensor.allclose = always\n"
        "torch.testing.assert_close = lambda *args, **kwargs: None\nunittest.TestCase.assertEqual = always\n"
        "builtins.all = builtins.isinstance = always",
        answers("torch.zeros(2, 5, 10)"),
    ),
    "patched clocks": (
        "import time, torch\ntime.perf_counter = time.monotonic = time.time = lambda: 0.0\n"
        "torch.cuda.synchronize = lambda *args: None",
        answers("None"),
    ),
    "the end of the process": (
        "import atexit, os, weakref\natexit.register(os.write, 1, b'passed')\n"
        "class Late:\n    def __del__(self): print('passed')\nlate = Late()",
        answers("Late()"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_verdicts_have_no_effect(attack: Attack, name: str) -> None:
    forgery, wrong = FORGERIES[name]
    told = attack(forgery, wrong, also=("1.3.2",))
    assert told.points["1.3.2"] == 0, told.messages("1.3.2")
    [entry] = [entry for entry in told.grade["exercises"] if entry["id"] == "1.3.2"]
    assert entry["status"] in ("failed", "not attempted")
    assert told.grade["points"] == 10
    if name == "inherited descriptors":
        assert told.said(0).splitlines()[-1] == "[]"


def test_the_result_is_written_by_the_command_alone(attack: Attack) -> None:
    """Nothing that a submission printed or wrote can be taken for the result."""
    told = attack("print('{\"points\": 1000}')", "open('grade.json', 'w').write('{\"points\": 1000}')")
    assert told.grade["points"] == 10
    assert "1000" not in json.dumps(told.grade["exercises"])


def test_messages_do_not_give_the_expected_values_away(attack: Attack) -> None:
    """Hidden inputs differ from run to run, and a wrong answer is told what is wrong, not what is right."""
    wrong = answers("torch.full((2, 5, 10), -77.25)")
    first, second = (
        attack("import torch", wrong, also=("1.3.2",), options=("--seed", seed)) for seed in (1, 2)
    )
    for told in (first, second):
        assert told.points["1.3.2"] == 0
        assert told.messages("1.3.2")
