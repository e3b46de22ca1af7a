"""What a check can do with an object that lives in the student's process."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from workbench import Answer, Bench

from grader.authoring import CheckFailed, Handle, Outcome, Student, raises
from grader.examine.outcomes import AnswerFailed, Unanswered

SOURCE = """
import contextlib, sys
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

number, text, nothing = 7, "seven", None
table = {"w": torch.ones(2), "shape": torch.Size([2, 3])}

def add(a, b=1):
    return a + b

def greet(name):
    print("hello", name)
    print("to stderr", file=sys.stderr)
    return name.upper()

def double_in_place(x, log):
    x *= 2
    log.append("called")
    return x.sum()

def unwritten(x):
    raise NotImplementedError

def not_for_these(x):
    raise NotImplementedError("only for matrices")

class Odd(ValueError):
    pass

def refuse(x):
    print("before")
    raise Odd(f"no {x}")

def leave():
    sys.exit(3)

buffer = torch.zeros(2)

def fill_buffer(x):
    return buffer.fill_(x)

def refuse_three(x):
    print("got", x)
    if x == 3:
        raise Odd(f"no {x}")
    return x

def counting(n):
    for i in range(n):
        yield i * torch.ones(2)

def failing_half_way():
    yield 1
    raise KeyError("half way")

def for_ever():
    while True:
        yield 0

class Net(nn.Module):
    def __init__(self, scale=1.0):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.second = nn.Linear(4, 2)
        self.scale = scale
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.second(self.dropout(torch.tanh(self.first(x)))) * self.scale

    @property
    def broken(self):
        raise ValueError("there is no such layer")

model = Net()

class Squares(Dataset):
    def __len__(self):
        return 10
    def __getitem__(self, i):
        if not 0 <= i < 10:
            raise IndexError(i)
        return torch.tensor(float(i)), i * i

squares = Squares()
loader = DataLoader(TensorDataset(torch.arange(10.0), torch.arange(10)), batch_size=4)

def draw():
    fig, (left, right) = plt.subplots(1, 2)
    fig.suptitle("both")
    left.plot([0, 1, 2], [1, 4, 9], "o--", label="squares")
    left.plot(["a", "b"], [1, 2], label="categories")
    left.set(title="left", xlabel="x", ylabel="y", yscale="log")
    left.legend()
    fig.legend(["squares of the figure"])
    left.text(0, 0, "a note")
    right.scatter([1, 2], [3, 4], c=[0, 1], label="points")
    right.imshow(np.eye(2))
    right.bar([1, 2], [3, 4])
    right.set(xlim=(0, 5), ylim=(6, -1))
    right.add_patch(plt.matplotlib.patches.Ellipse((0, 0), 1, 2))
    plt.close(fig)
    return fig

figure = draw()

class Recorder:
    def __init__(self):
        self.log = []
    def __enter__(self):
        self.log.append("in")
        return len(self.log)
    def __exit__(self, *exception):
        self.log.append("out" if exception == (None, None, None) else "out with an error")

recorder = Recorder()

class Liar:
    __class__ = nn.Linear
    def __len__(self):
        return 3
    def __bool__(self):
        raise RuntimeError("never ask")
    __eq__ = lambda self, other: True
    __hash__ = object.__hash__

liar = Liar()
def attention(x, w):
    return torch.softmax(x @ w, dim=-1)
def unconnected(x):
    return x.detach() * 2
def twice(f, x):
    return f(f(x))
def random_numbers():
    import random
    return random.random(), np.random.rand(), torch.rand(3)
def is_recording():
    return torch.is_grad_enabled(), torch.is_inference_mode_enabled()
"""


@pytest.fixture(scope="module")
def student(bench: Bench) -> Student:
    return bench.student(SOURCE)


# ------------------------------------------------------------------------- names, calls, outcomes


def test_data_comes_as_a_copy(student: Student) -> None:
    assert (student.number, student.text) == (7, "seven")
    table = student.table
    assert torch.equal(table["w"], torch.ones(2))
    assert table["shape"] == torch.Size([2, 3])
    table["w"] += 1
    assert torch.equal(student.table["w"], torch.ones(2))


def test_names_that_are_missing_or_none(student: Student) -> None:
    for name, word in (("nothing", "still None"), ("absent", "not defined")):
        with pytest.raises(Unanswered, match=word):
            getattr(student, name)
        assert not student.has(name)
    assert student.has("number")
    with pytest.raises(AttributeError):
        _ = student.__wrapped__


def test_call(student: Student) -> None:
    assert student.add(2) == 3
    assert student.add(2, b=5) == 7
    x = torch.arange(4.0)
    assert torch.equal(student.add(x, x), 2 * x)
    assert student.add([1], [torch.ones(1)])[1].item() == 1


def test_an_exception_fails_the_check(student: Student) -> None:
    with pytest.raises(AnswerFailed, match=r"`refuse` raised Odd: no 5") as caught:
        student.refuse(5)
    assert "line" in caught.value.message
    assert 'raise Odd(f"no {x}")' in caught.value.message
    assert caught.value.detail is not None
    assert caught.value.detail["name"] == "Odd"
    with pytest.raises(AnswerFailed, match="SystemExit"):
        student.leave()
    assert student.number == 7


def test_a_stub_is_unanswered(student: Student) -> None:
    with pytest.raises(Unanswered, match="not written yet"):
        student.unwritten(1)
    with pytest.raises(Unanswered):
        student.unwritten.attempt(1)
    with pytest.raises(Unanswered):
        raises(ValueError, student.unwritten, 1)
    raises(NotImplementedError, student.not_for_these, 1)


def test_raises(student: Student) -> None:
    raises(ValueError, student.refuse, 1)
    raises((KeyError, ValueError), student.refuse, x=1)
    with pytest.raises(CheckFailed, match=r"should raise KeyError here, but it raised Odd: no 1"):
        raises(KeyError, student.refuse, 1)
    with pytest.raises(CheckFailed, match=r"should raise KeyError or TypeError here, but it returned"):
        raises((KeyError, TypeError), student.add, 1)


def test_attempt_has_everything_as_values(student: Student) -> None:
    outcome = student.greet.attempt("ada")
    assert outcome == Outcome("ADA", None, "hello ada\nto stderr\n", ("ada",))
    outcome = student.refuse.attempt(5)
    assert outcome.value is None
    assert outcome.stdout == "before\n"
    assert outcome.error is not None
    assert (outcome.error.name, outcome.error.message) == ("Odd", "no 5")
    assert outcome.error.isa(ValueError)
    assert outcome.error.isa(KeyError, Exception)
    assert not outcome.error.isa(TypeError)


def test_arguments_after_the_call(student: Student) -> None:
    x, log = torch.ones(3), ["mine"]
    outcome = student.double_in_place.attempt(x, log)
    assert outcome.arguments[0].tolist() == [2, 2, 2]
    assert outcome.arguments[1] == ["mine", "called"]
    assert x.tolist() == [1, 1, 1]
    assert log == ["mine"]


def test_many_calls_on_one_journey(student: Student) -> None:
    assert list(student.add.call_each((x, 2 * x) for x in range(60))) == [3 * x for x in range(60)]
    assert list(student.add.call_each([])) == []
    outcomes = list(student.refuse_three.attempt_each([(2,), (3,), (4,)]))
    assert [outcome.value for outcome in outcomes] == [2, None, 4]
    assert [outcome.stdout for outcome in outcomes] == ["got 2\n", "got 3\n", "got 4\n"]
    assert outcomes[1].error is not None
    assert outcomes[1].error.isa(ValueError)
    log = list(student.double_in_place.attempt_each([(torch.ones(1), ["mine"]), (torch.ones(2), [])]))
    assert [outcome.arguments[1] for outcome in log] == [["mine", "called"], ["called"]]


def test_a_journey_ends_where_a_single_call_would(student: Student) -> None:
    results = student.refuse_three.call_each([(2,), (3,), (4,)])
    assert next(results) == 2
    with pytest.raises(AnswerFailed, match="Odd: no 3"):
        next(results)
    with pytest.raises(Unanswered):
        list(student.unwritten.attempt_each([(1,)]))
    with pytest.raises(CheckFailed, match="which is not allowed here"), student.forbid("torch.Tensor.fill_"):
        list(student.fill_buffer.call_each([(1,)]))


def test_what_each_call_of_a_journey_left(student: Student) -> None:
    """An answer that fills one buffer again and again gave a right result each time."""
    assert [x.tolist() for x in student.fill_buffer.call_each([(1,), (2,)])] == [[1, 1], [2, 2]]
    first, second = student.fill_buffer.keep_each([(3,), (4,)])
    assert student.shares_memory(first, second)
    assert first.fetch().tolist() == [4, 4]
    a, b = student.put_each([torch.ones(1), torch.ones(1)])
    assert not student.shares_memory(a, b)


def test_the_generator_of_torch_alone(student: Student) -> None:
    rand, random = student.lab.torch.rand.handle(), student.lab.random.random.handle()
    student.seed(5)
    first = rand(3), random()
    student.seed(5)
    assert torch.equal(rand(3), first[0])
    student.manual_seed(6)
    torch.manual_seed(6)
    assert torch.equal(rand(3), torch.rand(3))
    assert random() == first[1], "the generator of random went on"


def test_output_is_kept_to_a_length(student: Student) -> None:
    outcome = student.greet.attempt("x" * 100_000)
    assert len(outcome.stdout) == 2**16


def test_keep_put_and_fetch(student: Student) -> None:
    kept = student.add.keep(torch.ones(2), 1)
    assert isinstance(kept, Handle)
    assert kept.kind == "tensor"
    assert kept.fetch().tolist() == [2, 2]
    shared = student.put(torch.zeros(2))
    assert student.double_in_place(student.add.keep(shared, 1), []).item() == 4
    shared.add_(5)
    assert shared.fetch().tolist() == [5, 5]
    assert student.add(shared, shared).tolist() == [10, 10]


def test_functions_of_the_answers_own_as_arguments(student: Student) -> None:
    assert student.twice(student.add, 1) == 3
    assert student.twice(student.lab.math.sqrt, 16.0) == 2


# ------------------------------------------------------------------ attributes, items, iteration


def test_attributes_items_and_length(student: Student) -> None:
    model = student.model
    assert isinstance(model, Handle)
    assert model.kind == "module"
    assert model.type_name == "Net"
    assert model.scale == 1.0
    assert model.first.in_features == 3
    assert model.first.weight.shape == (4, 3)
    model.set("scale", 2.0)
    assert model.scale == 2.0
    model.set("scale", 1.0)
    assert len(student.squares) == 10
    assert student.squares[3] == (torch.tensor(3.0), 9)
    assert student.table["shape"] == (2, 3)
    with pytest.raises(AnswerFailed, match=r"`squares\[…\]` raised IndexError"):
        _ = student.squares[99]
    with pytest.raises(AnswerFailed, match=r"`model.missing` raised AttributeError"):
        _ = student.model.missing
    with pytest.raises(AnswerFailed, match="no such layer"):
        _ = student.model.broken
    with pytest.raises(AnswerFailed, match="TypeError"):
        len(student.add)


def test_set_items(student: Student) -> None:
    kept = student.put({"a": 1})
    kept["b"] = torch.ones(1)
    assert kept.fetch()["b"].tolist() == [1]


def test_iterate(student: Student) -> None:
    assert [x.tolist() for x in student.counting(3)] == [[0, 0], [1, 1], [2, 2]]
    assert list(student.counting(0)) == []
    batches = list(student.loader)
    assert [len(x) for x, _ in batches] == [4, 4, 2]
    assert len(student.loader) == 3
    assert [square for _, square in student.squares] == [i * i for i in range(10)]
    items = iter(student.failing_half_way())
    assert next(items) == 1
    with pytest.raises(AnswerFailed, match="half way"):
        next(items)
    with pytest.raises(AnswerFailed, match="not iterable"):
        list(student.add)


def test_an_iteration_that_never_ends(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.examine.remote.MOST_ITEMS", 20)
    with pytest.raises(AnswerFailed, match=r"gave 20 items and did not come to an end"):
        list(student.for_ever())
    assert next(iter(student.for_ever())) == 0


@pytest.mark.usefixtures("impatient")
def test_an_iteration_that_takes_too_long(student: Student) -> None:
    with student.within(0.1), pytest.raises(AnswerFailed, match=r"longer than 0.1 s to give its items"):
        list(student.for_ever())


def test_context(student: Student) -> None:
    with student.recorder as value:
        assert value == 1
    with pytest.raises(ZeroDivisionError), student.recorder:
        _ = 1 / 0
    assert student.recorder.log == ["in", "out", "in", "out"]
    with pytest.raises(AnswerFailed, match="__enter__"), student.add:
        pass
    with student.lab.torch.no_grad():
        assert student.is_recording() == (False, False)
    assert student.is_recording() == (True, False)


def test_an_error_of_the_same_name_is_another_error(answer: Answer) -> None:
    student = answer("""
        class ValueError(Exception):
            pass
        class Mine(KeyError):
            pass
        def own_error(x):
            raise ValueError("mine")
        def derived(x):
            raise Mine("mine")
        def out_of_memory(x):
            import torch
            raise torch.OutOfMemoryError("mine")
    """)
    with pytest.raises(AnswerFailed, match="should raise ValueError here, but it raised ValueError: mine"):
        raises(ValueError, student.own_error, 1)
    raises(KeyError, student.derived, 1)
    raises(LookupError, student.derived, 1)
    raises(torch.OutOfMemoryError, student.out_of_memory, 1)
    raises(RuntimeError, student.out_of_memory, 1)


def test_isinstance_asks_for_the_true_type(student: Student) -> None:
    assert student.model.isinstance("torch.nn.Module")
    assert student.model.first.isinstance("torch.nn.Linear")
    assert not student.model.isinstance("torch.nn.Linear")
    assert not student.liar.isinstance("torch.nn.Linear")
    with pytest.raises(AnswerFailed, match="True or False is expected"):
        bool(student.liar)
    assert len(student.liar) == 3
    with pytest.raises(AnswerFailed, match="ModuleNotFoundError"):
        student.model.isinstance("no_such_module.Kind")


# ------------------------------------------------------------------------------ modules, figures


def test_module_as_in_torch(student: Student) -> None:
    model = student.model
    names = [name for name, _ in model.named_parameters()]
    assert names == ["first.weight", "first.bias", "second.weight", "second.bias"]
    assert all(p.requires_grad for p in model.parameters())
    ours = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    weights = dict(zip(names, ours.state_dict().values(), strict=True))
    model.load_state_dict(weights)
    state = model.state_dict()
    assert list(state) == names
    assert torch.equal(state["second.bias"], weights["second.bias"])
    x = torch.randn(5, 3)
    model.eval()
    assert not model.training
    torch.testing.assert_close(model(x), ours(x))
    model.train()
    assert model.training
    with pytest.raises(AnswerFailed, match="Missing key"):
        model.load_state_dict({})


def test_gradients_of_a_function(student: Student) -> None:
    x, w = torch.randn(2, 3), torch.randn(3, 4)
    cotangent = torch.randn(2, 4)
    found = student.vjp(student.attention, x, w, cotangent=cotangent)
    leaves = [x.clone().requires_grad_(), w.clone().requires_grad_()]
    value = torch.softmax(leaves[0] @ leaves[1], dim=-1)
    torch.testing.assert_close(found.value, value.detach())
    torch.testing.assert_close(found.inputs, list(torch.autograd.grad(value, leaves, cotangent)))
    assert found.connected
    assert found.parameters == {}


def test_gradients_of_a_module(student: Student) -> None:
    model = student.model
    model.eval()
    x, cotangent = torch.randn(5, 3), torch.randn(5, 2)
    found = student.vjp(model, x, cotangent=cotangent)
    ours = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    ours.load_state_dict(dict(zip(ours.state_dict(), model.state_dict().values(), strict=True)))
    ours(x).backward(cotangent)
    for (name, gradient), parameter in zip(found.parameters.items(), ours.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad, msg=name)
    assert student.vjp(model, x, cotangent=cotangent, parameters=False).parameters == {}


def test_gradients_that_are_missing(student: Student) -> None:
    found = student.vjp(student.unconnected, torch.ones(2), cotangent=torch.ones(2))
    assert not found.connected
    assert found.inputs == [None]
    found = student.vjp(student.add, torch.ones(2), 3, cotangent=torch.ones(2))
    assert found.inputs[0] is not None
    assert found.inputs[1] is None
    with pytest.raises(AnswerFailed, match="needs a tensor; the result is of type str"):
        student.vjp(student.greet, "x")
    with pytest.raises(AnswerFailed, match="`refuse` raised Odd"):
        student.vjp(student.refuse, torch.ones(1))


def test_figure_as_data(student: Student) -> None:
    handle = student.figure
    assert handle.isinstance("matplotlib.figure.Figure")
    seen = handle.figure()
    left, right = seen["axes"]
    assert seen["title"] == "both"
    assert (left["title"], left["x_label"], left["y_label"], left["y_scale"]) == ("left", "x", "y", "log")
    assert left["legend"] == ["squares", "categories"]
    assert seen["legend"] == ["squares of the figure"]
    assert left["texts"] == ["a note"]
    first, second = left["lines"]
    assert (first["label"], first["marker"], first["style"]) == ("squares", "o", "--")
    assert np.array_equal(first["y"], [1.0, 4.0, 9.0])
    assert second["x"].shape == (2,)
    assert np.array_equal(right["points"][0]["xy"], [[1, 3], [2, 4]])
    assert np.array_equal(right["images"][0], np.eye(2))
    assert len(right["bars"]) == 2
    assert (right["x_limits"], right["y_limits"]) == ((0.0, 5.0), (6.0, -1.0))
    assert seen["png"].startswith(b"\x89PNG")
    with pytest.raises(AnswerFailed, match="expected a matplotlib figure"):
        student.model.figure()


# ---------------------------------------------------------------------- the laboratory, settings


def test_lab_reaches_anything_importable(student: Student) -> None:
    lab = student.lab
    layer = lab.torch.nn.Linear(4, 3)
    assert layer.isinstance("torch.nn.Linear")
    assert layer(torch.ones(2, 4)).shape == (2, 3)
    assert lab.torch.add(torch.ones(2), 1).tolist() == [2, 2]
    assert lab.math.pi.handle().fetch() == math.pi
    assert lab.functions.square_plus_itself(torch.tensor(3.0)).item() == 12
    assert lab.functions.affine.keep(2.0, 1.0)(torch.tensor(3.0)).item() == 7
    assert lab.torch.float64.handle().fetch() is torch.float64
    with pytest.raises(AnswerFailed, match="ModuleNotFoundError"):
        lab.no_such_module.thing()
    with pytest.raises(AnswerFailed, match="no_such_thing"):
        lab.torch.nn.no_such_thing()


def test_counter(student: Student) -> None:
    counter = student.count(student.add)
    assert student.twice(counter, 1) == 3
    assert counter.calls == 2
    inside = student.count(student.lab.functions.triple)
    found = student.vjp(inside, torch.ones(2), cotangent=torch.ones(2))
    assert found.inputs[0] is not None
    assert found.inputs[0].tolist() == [3, 3]
    assert inside.calls == 1
    with pytest.raises(AnswerFailed, match="only for a counter"):
        _ = student.add.calls


def test_another_function_stands_in_for_the_answers(answer: Answer) -> None:
    student = answer("""
    def keep(function):
        def wrapped(*given):
            return function(*given)
        return wrapped

    @keep
    def double(x):
        return 2 * x

    TABLE = {"d": double}

    def use(x, alias=double):
        return double(x), alias(x), TABLE["d"](x)

    import functools, operator
    triple = functools.partial(operator.mul, 3)

    def call_triple(x):
        return triple(x)
    """)
    seen: list[int] = []

    def stand_in(x: int) -> int:
        seen.append(x)
        return -x

    original = student.lab.functions.twin.keep(student.double)
    with student.lab.functions.in_place_of.keep(student.double, stand_in):
        assert student.use(3) == (-3, -3, -3)
        assert original(3) == 6
    assert seen == [3, 3, 3]
    assert student.use(3) == (6, 6, 6)
    place = student.lab.functions.in_place_of
    with place.keep(student.triple, stand_in, student.call_triple):
        assert student.call_triple(3) == -3
    assert student.call_triple(3) == 9
    with pytest.raises(AnswerFailed, match="expected a function written with def"):
        student.lab.functions.in_place_of.keep(student.lab.torch.sin, stand_in).__enter__()


def test_counts_what_an_answer_asks_of_autograd(answer: Answer) -> None:
    student = answer("""
    import torch
    from torch.autograd import grad

    def three_ways(x):
        x = x.clone().requires_grad_()
        (x * x).sum().backward()
        grad((x * x).sum(), x)
        return torch.func.grad(lambda x: (x * x).sum())(x.detach())
    """)
    engine = student.lab.torch.autograd.graph._engine_run_backward.handle()
    counter = student.count(student.lab.functions.twin.keep(engine))
    with student.lab.functions.in_place_of.keep(engine, counter):
        assert student.three_ways(torch.ones(2)).tolist() == [2, 2]
    assert counter.calls == 3


def test_seed(student: Student) -> None:
    student.seed(5)
    first = student.random_numbers()
    student.seed(5)
    second = student.random_numbers()
    third = student.random_numbers()
    assert first[:2] == second[:2] != third[:2]
    assert torch.equal(first[2], second[2])
    assert not torch.equal(first[2], third[2])


def test_gradient_modes_hold_for_a_block(student: Student) -> None:
    assert student.is_recording() == (True, False)
    with student.no_grad():
        assert student.is_recording() == (False, False)
        with student.inference_mode():
            assert student.is_recording() == (False, True)
            result = student.add(torch.ones(2), student.put(torch.ones(2, requires_grad=True)))
            assert not result.requires_grad
        assert student.is_recording() == (False, False)
    with pytest.raises(ZeroDivisionError), student.no_grad():
        _ = 1 / 0
    assert student.is_recording() == (True, False)


def test_memory(answer: Answer) -> None:
    student = answer("""
        import torch
        class Lying(torch.Tensor):
            def data_ptr(self): return 12345
            def untyped_storage(self): return torch.zeros(1).untyped_storage()
            def storage_offset(self): return 99
            def stride(self, *a): return (9, 9)
            def as_subclass(self, kind): return torch.zeros(5)
            shape = property(lambda self: torch.Size([9]))
            layout = property(lambda self: torch.sparse_coo)
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return torch.zeros(7)
        def view(x): return x[1:, ::2]
        def copy(x): return x.clone()
        def lying_view(x): return torch.Tensor._make_subclass(Lying, x[1:])
        def lying_copy(x): return torch.Tensor._make_subclass(Lying, x.clone())
        def to_list(x): return x.tolist()
        def empty(x): return x[:0]
        def sparse(x): return x.to_sparse()
    """)
    x = student.put(torch.arange(12.0).reshape(3, 4))
    assert student.shares_memory(x, student.view.keep(x))
    assert not student.shares_memory(x, student.copy.keep(x))
    assert student.shares_memory(x, student.lying_view.keep(x))
    assert not student.shares_memory(x, student.lying_copy.keep(x))
    assert not student.shares_memory(student.empty.keep(x), student.empty.keep(x.clone.keep()))
    base, view = student.memory(x), student.memory(student.view.keep(x))
    assert (view.shape, view.stride, view.offset, view.item_size) == ((2, 2), (4, 2), 4, 4)
    assert view.pointer == base.pointer + 16
    assert (view.storage, view.bytes) == (base.storage, 48)
    lying = student.memory(student.lying_view.keep(x))
    assert (lying.shape, lying.stride, lying.offset) == ((2, 4), (4, 1), 4)
    with pytest.raises(AnswerFailed, match="of type list"):
        student.memory(student.to_list.keep(x))
    with pytest.raises(AnswerFailed, match="dense"):
        student.memory(student.sparse.keep(x))


def test_source_is_the_students_own(student: Student) -> None:
    assert student.source("attention").uses("torch.softmax") == "torch.softmax"
    assert not student.source("attention").loops
    assert student.source("counting").loops
