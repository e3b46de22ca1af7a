"""Results that lie about themselves: rebuilt from their bytes, or refused as what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from workbench import Answer, Bench

from grader.authoring import CheckFailed, Handle, Student, a_tensor, close, equal, instance, number, truth

EXPECTED = torch.arange(6.0).reshape(2, 3)

ODD = '''
import collections, decimal, enum, fractions, types
import numpy as np
import torch

class Equal:
    """Equal to everything, true, and of any length."""
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = object.__hash__
    __bool__ = lambda self: True
    __float__ = lambda self: 1.0
    __index__ = __int__ = lambda self: 1
    __len__ = lambda self: 3
    __getitem__ = lambda self, i: self
    __iter__ = lambda self: iter([self] * 3)
    __getattr__ = lambda self, name: self
    __call__ = lambda self, *a, **k: self
    __class__ = property(lambda self: torch.Tensor)
    shape = torch.Size([2, 3])
    dtype = torch.float32
    def __array__(self, *a, **k): return np.arange(6.0).reshape(2, 3)
    def __torch_function__(self, *a, **k): return torch.arange(6.0).reshape(2, 3)

class EqualTensor(torch.Tensor):
    __eq__ = lambda self, other: True
    __hash__ = object.__hash__
    shape = property(lambda self: torch.Size([2, 3]))
    size = lambda self, *a: torch.Size([2, 3])
    as_subclass = lambda self, kind: torch.arange(6.0).reshape(2, 3)
    detach = cpu = contiguous = clone = lambda self, *a: torch.arange(6.0).reshape(2, 3)
    numpy = __array__ = lambda self, *a: np.arange(6, dtype=np.float32).reshape(2, 3)
    tolist = lambda self: [[0, 1, 2], [3, 4, 5]]
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return torch.arange(6.0).reshape(2, 3)

class Late(torch.Tensor):
    """Computes when it is looked at."""
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunctionSubclass():
            args[0].copy_(torch.arange(6.0).reshape(2, 3))
            return func(*args, **(kwargs or {}))

class EqualInt(int):
    __eq__ = lambda self, other: True
    __hash__ = int.__hash__
class EqualFloat(float):
    __eq__ = lambda self, other: True
    __hash__ = float.__hash__
class EqualText(str):
    __eq__ = lambda self, other: True
    __hash__ = str.__hash__
class EqualList(list):
    __eq__ = lambda self, other: True
class EqualDict(dict):
    __eq__ = lambda self, other: True
    items = lambda self: {"a": 1}.items()
class EqualTuple(tuple):
    __eq__ = lambda self, other: True
    __iter__ = lambda self: iter([1, 2])
    __len__ = lambda self: 2
    __hash__ = tuple.__hash__
class EqualKind(type):
    __eq__ = lambda cls, other: True
    __hash__ = type.__hash__
class OfEqualKind(metaclass=EqualKind):
    pass
class EqualArray(np.ndarray):
    __eq__ = lambda self, other: True
class Colour(enum.IntEnum):
    RED = 1

wrong = torch.zeros(2, 3)
RESULTS = {
    "equal": lambda: Equal(),
    "equal_tensor": lambda: torch.Tensor._make_subclass(EqualTensor, wrong.clone()),
    "small_equal_tensor": lambda: torch.Tensor._make_subclass(EqualTensor, torch.zeros(1)),
    "late": lambda: torch.Tensor._make_subclass(Late, wrong.clone()),
    "equal_int": lambda: EqualInt(7),
    "equal_float": lambda: EqualFloat(7),
    "equal_text": lambda: EqualText("x"),
    "equal_list": lambda: EqualList([7]),
    "equal_dict": lambda: EqualDict(b=2),
    "equal_tuple": lambda: EqualTuple((7, 8, 9)),
    "of_equal_kind": lambda: OfEqualKind(),
    "equal_array": lambda: np.zeros((2, 3)).view(EqualArray),
    "list_of_equals": lambda: [[Equal()] * 3] * 2,
    "array_of_objects": lambda: np.array([[None] * 3] * 2, dtype=object),
    "nan": lambda: torch.full((2, 3), float("nan")),
    "inf": lambda: torch.full((2, 3), float("inf")),
    "meta": lambda: torch.empty(2, 3, device="meta"),
    "sparse": lambda: torch.eye(3)[:2].to_sparse(),
    "nested": lambda: torch.nested.nested_tensor([torch.zeros(3), torch.zeros(3)]),
    "bool": lambda: torch.ones(2, 3, dtype=torch.bool),
    "text": lambda: "tensor([[0., 1., 2.], [3., 4., 5.]])",
    "none": lambda: None,
    "not_implemented": lambda: NotImplemented,
    "ellipsis": lambda: ...,
    "number_nan": lambda: float("nan"),
    "huge_int": lambda: 10**5_000,
    "decimal": lambda: decimal.Decimal(1),
    "fraction": lambda: fractions.Fraction(1, 2),
    "enum": lambda: Colour.RED,
    "counter": lambda: collections.Counter("ab"),
    "generator": lambda: (i for i in range(3)),
    "module": lambda: torch,
    "class": lambda: torch.Tensor,
    "function": lambda: torch.zeros,
    "proxy": lambda: types.MappingProxyType({}),
    "size": lambda: torch.Size([2, 3]),
    "range": lambda: range(3),
    "bytes": lambda: b"abc",
    "surrogates": lambda: "\\ud800",
    "set": lambda: {1, 2},
    "empty": lambda: torch.empty(0),
    "one_row": lambda: torch.arange(3.0),
}
def result(name):
    return RESULTS[name]()
'''
NAMES = [line.split('"')[1] for line in ODD.splitlines() if line.startswith('    "') and "lambda" in line]

VERBS: dict[str, Callable[[Any], Any]] = {
    "close": lambda value: close(value, EXPECTED),
    "close, any dtype": lambda value: close(value, EXPECTED, dtype="any", rtol=1e-3, atol=1e-3),
    "close to a number": lambda value: close(value, 0.5),
    "close to a list": lambda value: close(value, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]),
    "close to a dictionary": lambda value: close(value, {"a": 1.0}),
    "equal": lambda value: equal(value, EXPECTED),
    "equal to a text": lambda value: equal(value, "the answer"),
    "equal to a tuple": lambda value: equal(value, (1, 2)),
    "a_tensor": lambda value: a_tensor(value, shape=(4, 4)),
    "number": lambda value: close(number(value), 0.5),
    "instance": lambda value: equal(instance(value, (int, float)), 3),
    "truth": lambda value: equal(truth(value), value is None),
}


@pytest.fixture(scope="module")
def student(bench: Bench) -> Student:
    return bench.student(ODD)


@pytest.mark.parametrize("name", NAMES)
def test_no_odd_result_passes_for_the_right_one(student: Student, name: str) -> None:
    value = student.result(name)
    for verb, apply in VERBS.items():
        with pytest.raises(CheckFailed) as caught:
            apply(value)
        message = caught.value.message
        assert message, verb
        assert len(message) < 2_000, verb
        for internal in ("Handle", "grader", "WireError", "proxy"):
            assert internal not in message or name == "proxy", (verb, message)


def test_true_is_not_right_for_everything(student: Student) -> None:
    """The verbs of the test above can pass: none of them only refuses."""
    close(EXPECTED, EXPECTED)
    equal("the answer", "the answer")
    a_tensor(torch.zeros(4, 4), shape=(4, 4))
    assert number(torch.tensor(0.5)) == 0.5
    assert truth(True) is True
    assert len(NAMES) > 35


@pytest.mark.parametrize("name", ["equal_tensor", "small_equal_tensor", "late"])
def test_a_subclass_arrives_as_what_its_memory_holds(student: Student, name: str) -> None:
    value = student.result(name)
    assert type(value) is torch.Tensor
    assert not value.any()
    assert value.shape == ((1,) if name.startswith("small") else (2, 3))


@pytest.mark.parametrize(
    "name",
    ["equal", "equal_int", "equal_float", "equal_text", "equal_list", "equal_dict", "equal_array", "enum"],
)
def test_relatives_of_plain_types_stay_where_they_are(student: Student, name: str) -> None:
    assert type(student.result(name)) is Handle


def test_a_handle_is_equal_to_nothing_but_itself(student: Student) -> None:
    value = student.result("equal")
    assert value != EXPECTED
    assert not value == 1  # noqa: SIM201 - both operators
    assert repr(value).startswith("<")


PATCHED = """
import builtins, json, sys
import numpy as np
import torch

def true(*args, **kwargs):
    return True
def nothing(*args, **kwargs):
    return None
def patch():
    for name in ("allclose", "equal", "isclose"):
        setattr(torch, name, true)
    torch.testing.assert_close = np.testing.assert_allclose = nothing
    np.allclose = np.array_equal = true
    torch.Tensor.__eq__ = true
    torch.Tensor.shape = property(lambda self: torch.Size([2, 3]))
    torch.Tensor.dtype = property(lambda self: torch.float32)
    json.dumps = json.loads = nothing
    sys.modules["grader.wire.peer"].encode = sys.modules["grader.wire"].encode = nothing
    builtins.isinstance = true
    builtins.len = lambda x: 3
    builtins.hash = lambda x: 0
    return 7

def answer(x):
    return x * 2
"""


def test_patches_in_the_worker_stay_in_the_worker(answer: Answer) -> None:
    """What still gets through is the true result; what does not is a failure of that answer alone."""
    student = answer(PATCHED)
    calls = [student.patch, lambda: student.answer(EXPECTED), lambda: student.answer(torch.zeros(1))]
    for call in calls:
        try:
            value = call()
        except CheckFailed:
            continue
        with pytest.raises(CheckFailed):
            close(value, EXPECTED)
        with pytest.raises(CheckFailed):
            equal(value, 3)
    assert not torch.allclose(EXPECTED, EXPECTED + 1)
    assert isinstance(1, int)
    assert not isinstance(1, str)


MILDLY_PATCHED = """
import torch
torch.allclose = torch.equal = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
torch.Tensor.__eq__ = lambda *a: True
torch.Tensor.__hash__ = object.__hash__
for name in "size numel detach cpu contiguous reshape view numpy as_subclass".split():
    setattr(torch.Tensor, name, lambda self, *a, **k: torch.arange(6.0))
def right(x):
    return x * 2
def wrong(x):
    return x * 3
"""


def test_the_codec_of_the_worker_does_not_use_what_may_be_patched(answer: Answer) -> None:
    student = answer(MILDLY_PATCHED)
    close(student.right(EXPECTED), 2 * EXPECTED)
    with pytest.raises(CheckFailed):
        close(student.wrong(EXPECTED), 2 * EXPECTED)


def test_no_secret_lies_in_the_worker(answer: Answer) -> None:
    """Everything that the process can see, searched for what only the parent knows."""
    student = answer("""
        import gc, os, sys
        def search(marks):
            found = []
            for mark in marks:
                word = "".join(map(chr, mark))
                modules = [m for m in list(sys.modules.values()) if hasattr(m, "__dict__")]
                places = [sys.argv, dict(os.environ), list(sys.modules), *(list(vars(m)) for m in modules)]
                frame = sys._getframe()
                while frame is not None:
                    places.append(list(frame.f_locals.values()))
                    places.append(list(frame.f_globals))
                    frame = frame.f_back
                found += [word for place in places if word in repr(place)[:1_000_000]]
                found += [word for thing in gc.get_objects() if type(thing) is dict and word in thing]
            return sorted(set(found))
    """)
    marks = ["grader_solution", "grader.examine", "grader.compare", "grader.catalogue", "grader.read"]
    assert student.search([[ord(letter) for letter in mark] for mark in marks]) == []
    visible = [[ord(letter) for letter in "grader.worker.serve"]]
    assert student.search(visible) == ["grader.worker.serve"]  # the search can find something
