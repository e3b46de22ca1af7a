"""What a check forbids is refused while the call runs, however it is reached, and allowed again then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from workbench import Bench

from grader.authoring import CheckFailed, Student
from grader.examine.outcomes import AnswerFailed

SOURCE = """
import functools, importlib
import torch
import torch as t
import torch.nn.functional as F
from torch import broadcast_shapes, cat
from torch import tensor as make

alias = torch.cat

def allowed(x):
    return x + 1
def by_attribute(x):
    return torch.cat([x, x])
def by_module_alias(x):
    return t.cat([x, x])
def by_from_import(x):
    return cat([x, x])
def by_assignment(x):
    return alias([x, x])
def by_getattr(x):
    return getattr(torch, "c" + "at")([x, x])
def by_late_import(x):
    from torch import cat as late
    return late([x, x])
def by_importlib(x):
    return importlib.import_module("torch").cat([x, x])
def by_helper(x):
    return by_from_import(x)
def swallowed(x):
    try:
        return torch.cat([x, x])
    except BaseException:
        return x.repeat(2)
def by_generator(x):
    for part in (x, x):
        yield torch.cat([part, part])
def by_iterator(x):
    return iter([by_attribute(x)])

class Holder:
    function = staticmethod(torch.cat)
def by_class(x):
    return Holder.function([x, x])
def by_default(x, function=torch.cat):
    return function([x, x])

def by_method(x):
    return x.sum()
def by_function(x):
    return torch.sum(x)
def by_operator(x):
    return x @ x
def with_callback(x, f):
    return f(x.reshape(2, 2), [x])
def remake(x):
    return make([1.0, 2.0])

def autograd_grad(x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad((x * x).sum(), x)[0]
def method_backward(x):
    x = x.clone().requires_grad_()
    (x * x).sum().backward()
    return x.grad
def functional_jacobian(x):
    return torch.autograd.functional.jacobian(lambda z: (z * z).sum(), x)
def func_grad(x):
    return torch.func.grad(lambda z: (z * z).sum())(x)
def func_jacrev(x):
    return torch.func.jacrev(lambda z: (z * z).sum())(x)
def func_jvp(x):
    return torch.func.jvp(lambda z: (z * z).sum(), (x,), (x,))[1]
hidden_grad, hidden_jvp = [torch.autograd.grad], [torch.func.jvp]
def kept_grad(x):
    x = x.clone().requires_grad_()
    return hidden_grad[0]((x * x).sum(), x)[0]
def kept_jvp(x):
    return hidden_jvp[0](lambda z: (z * z).sum(), (x,), (x,))[1]
class Square(torch.nn.Module):
    def forward(self, x):
        return torch.cat([x * x])
square = Square()
class PutOff:
    def __init__(self, x): self.x = x
    @property
    def value(self): return torch.cat([self.x, self.x])
    def __getitem__(self, index): return torch.cat([self.x, self.x])[index]
    def __len__(self): return len(torch.cat([self.x, self.x]))
    def __iter__(self): return iter(torch.cat([self.x, self.x]))
    def __enter__(self): return torch.cat([self.x, self.x])
    def __exit__(self, *error): pass
put_off = PutOff
def bare_engine(x):
    x = x.clone().requires_grad_()
    y = (x * x).sum()
    engine = torch.autograd.Variable._execution_engine
    return engine.run_backward((y,), (torch.ones_like(y),), False, False, (x,), allow_unreachable=True)[0]
"""
X = torch.arange(4.0)
REACHED = [
    "attribute",
    "module_alias",
    "from_import",
    "assignment",
    "getattr",
    "late_import",
    "importlib",
    "helper",
]


@pytest.fixture(scope="module")
def student(bench: Bench) -> Student:
    return bench.student(SOURCE)


@pytest.mark.parametrize("name", [f"by_{how}" for how in REACHED] + ["swallowed"])
def test_forbidden_however_it_is_reached(student: Student, name: str) -> None:
    function = getattr(student, name)
    expected = torch.cat([X, X])
    assert torch.equal(function(X), expected)
    with student.forbid("torch.cat", why="Write the loop yourself."):
        with pytest.raises(CheckFailed, match=rf"`{name}` uses `torch.cat`, .* Write the loop yourself\.$"):
            function(X)
        with pytest.raises(CheckFailed, match="not allowed"):
            function.attempt(X)
        with pytest.raises(CheckFailed, match="not allowed"):
            function.keep(X)
        assert torch.equal(student.allowed(X), X + 1)
    assert torch.equal(function(X), expected)


@pytest.mark.parametrize("name", ["by_class", "by_default"])
def test_what_the_guard_cannot_see_is_in_the_source(student: Student, name: str) -> None:
    with student.forbid("torch.cat"):
        assert len(getattr(student, name)(X)) == 8
    assert student.source(name).uses("torch.cat") == "torch.cat"


def test_a_generators_body_runs_under_the_same_rules(student: Student) -> None:
    assert len(list(student.by_generator(X))) == 2
    with student.forbid("torch.cat"), pytest.raises(CheckFailed, match="not allowed"):
        list(student.by_generator(X))
    with student.forbid("torch.cat"), pytest.raises(CheckFailed, match="not allowed"):
        list(student.by_iterator(X))


def test_gradients_are_taken_under_the_same_rules(student: Student) -> None:
    assert student.vjp(student.square, X, cotangent=X).connected
    with student.forbid("torch.cat"), pytest.raises(CheckFailed, match="not allowed"):
        student.vjp(student.square, X, cotangent=X)
    with student.forbid("torch.cat"), pytest.raises(CheckFailed, match=r"`swallowed` uses `torch.cat`"):
        student.vjp(student.swallowed, X, cotangent=torch.cat([X, X]))
    with student.without_autograd():  # our own use of it is no offence
        found = student.vjp(student.allowed, X, cotangent=X)
    assert found.inputs[0] is not None
    assert torch.equal(found.inputs[0], X)


def test_methods(student: Student) -> None:
    with student.forbid("torch.Tensor.sum"):
        with pytest.raises(CheckFailed, match=r"uses `torch\.Tensor\.sum`"):
            student.by_method(X)
        assert student.by_function(X) == 6
    with student.forbid("torch.Tensor.__matmul__"), pytest.raises(CheckFailed, match="matmul"):
        student.by_operator(X)
    assert student.by_method(X) == 6
    assert student.by_operator(X) == 14
    assert "sum" not in student.lab.builtins.vars(student.lab.torch.Tensor)


def test_blocks_nest(student: Student) -> None:
    with student.forbid("torch.cat", why="No cat."):
        with student.forbid("torch.tensor", why="No tensor."):
            with pytest.raises(CheckFailed, match="No tensor"):
                student.remake(X)
            with pytest.raises(CheckFailed, match="No cat"):
                student.by_attribute(X)
        assert student.remake(X).tolist() == [1, 2]
        with pytest.raises(CheckFailed, match="No cat"):
            student.by_attribute(X)
    assert len(student.by_attribute(X)) == 8


def test_names_that_this_version_does_not_have(student: Student) -> None:
    with student.forbid(
        "torch.no_such_thing", "no_such_module.at_all", "torch.nn.no.such", "numpy.ndarray.sum"
    ):
        assert torch.equal(student.allowed(X), X + 1)


def test_the_way_of_data_through_a_callback_is_no_offence(student: Student) -> None:
    """The codec needs some of these itself, while the call is under way."""
    names = [
        "view",
        "contiguous",
        "detach",
        "cpu",
        "numpy",
        "as_strided",
        "numel",
        "size",
        "requires_grad_",
        "ne",
    ]
    forbidden = [f"torch.Tensor.{name}" for name in names]
    forbidden += ["torch.empty", "torch.frombuffer", "torch.no_grad", "torch.tensor", "torch.reshape"]
    mask = torch.tensor([True, False])

    def callback(x: torch.Tensor, more: list[torch.Tensor]) -> Any:
        return x + more[0][:2], mask, torch.empty(0), X.clone().requires_grad_()

    with student.forbid(*forbidden):
        value = student.with_callback(X, callback)
    assert value[0].shape == (2, 2)
    assert value[1].tolist() == [True, False]
    assert value[3].requires_grad
    with student.forbid("torch.Tensor.reshape"), pytest.raises(CheckFailed, match="reshape"):
        student.with_callback(X, callback)


DERIVED: dict[str, Callable[[Any], Any]] = {
    "autograd_grad": lambda x: 2 * x,
    "method_backward": lambda x: 2 * x,
    "functional_jacobian": lambda x: 2 * x,
    "func_grad": lambda x: 2 * x,
    "func_jacrev": lambda x: 2 * x,
    "func_jvp": lambda x: 2 * (x * x).sum(),
    "kept_grad": lambda x: 2 * x,
    "kept_jvp": lambda x: 2 * (x * x).sum(),
}


@pytest.mark.parametrize("name", DERIVED)
def test_without_autograd(student: Student, name: str) -> None:
    function = getattr(student, name)
    assert torch.equal(function(X), DERIVED[name](X))
    with student.without_autograd():
        with pytest.raises(
            CheckFailed, match=r"not allowed here. The derivative is to be worked out by hand"
        ):
            function(X)
        assert torch.equal(student.allowed(X), X + 1)
    assert torch.equal(function(X), DERIVED[name](X))


def test_a_guard_is_lifted_after_an_error(student: Student) -> None:
    with student.forbid("torch.cat"), pytest.raises(AnswerFailed, match="TypeError"):
        student.allowed()
    assert len(student.by_attribute(X)) == 8


LOOKS: dict[str, Callable[[Any], Any]] = {
    "an attribute": lambda later: later.value,
    "an item": lambda later: later[0],
    "its length": len,
    "its items": lambda later: [*iter(later)],
    "a context": lambda later: later.__enter__(),
}


@pytest.mark.parametrize("what", LOOKS)
def test_work_that_is_put_off_until_somebody_looks(student: Student, what: str) -> None:
    assert LOOKS[what](student.put_off.keep(X)) is not None
    with student.forbid("torch.cat", why="Without it."):
        later = student.put_off.keep(X)
        with pytest.raises(CheckFailed, match=r"torch\.cat"):
            LOOKS[what](later)


def test_the_engine_itself_is_refused(student: Student) -> None:
    assert torch.equal(student.bare_engine(X), 2 * X)
    with student.without_autograd(), pytest.raises(CheckFailed, match="not allowed here"):
        student.bare_engine(X)
    assert torch.equal(student.bare_engine(X), 2 * X)
