"""The verbs of the authoring API, each as one tiny check with hidden inputs, and what each does not look at.

A verb brings a student's source that defines ``honest`` and ``wrong``, and a check of the name ``answer``. The
check is written as an author would write it. ``lacks`` holds, aspect by aspect, why a lie about it has no
point here; ``believed`` the lies that get through, and why that is so; ``harmless`` those after which the
answer is still right.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch
from lies import LIES
from training_verbs import TRAINING_VERBS
from verb import (
    FRESH,
    NO_DICTIONARY,
    NO_PLAIN,
    NOT_A_TENSOR,
    NOT_RANDOM,
    NOT_TIMED,
    OF_RESULTS,
    ONE_NUMBER,
    USUAL,
    Verb,
    without,
)

from grader.authoring import (
    Clock,
    Feed,
    Random,
    Student,
    a_tensor,
    at_least,
    at_most,
    choice,
    close,
    ensure,
    equal,
    figure,
    formula,
    instance,
    number,
    raises,
    truth,
    unchanged,
    value,
)
from grader.examine.notes import Notes

# ------------------------------------------------------------------------------------- comparing

TENSORS = """
def honest(x):
    return 3 * torch.sin(x) + x
def wrong(x):
    return 3 * torch.cos(x) + x
"""


def of_tensors(student: Student, rng: Random) -> None:
    for _ in range(3):
        x = rng.randn(12, 10)
        close(student.answer(x), 3 * torch.sin(x) + x)


def of_journeys(student: Student, rng: Random) -> None:
    xs = [rng.randn(12, 10) for _ in range(3)]
    for x, result in zip(xs, student.answer.call_each([(x,) for x in xs]), strict=True):
        close(result, 3 * torch.sin(x) + x)


SMALL_TENSORS = """
def honest(x):
    return 0.05 * torch.sin(x)
def wrong(x):
    return 0.05 * torch.cos(x)
"""


def of_small_tensors(student: Student, rng: Random) -> None:
    for _ in range(3):
        x = rng.randn(12, 10)
        close(student.answer(x), 0.05 * torch.sin(x), rtol=1e-2, atol=1e-4, dtype="any")


def of_one_object(student: Student, rng: Random) -> None:
    x = rng.randn(12, 10)
    there = student.put(x)
    for _ in range(3):
        close(student.answer(there), 3 * torch.sin(x) + x)
        x = x * 2 + 1
        there.mul_.keep(2.0)
        there.add_.keep(1.0)


DICTIONARIES = """
def honest(x):
    return {"mean": x.mean().item(), "parts": [x.min().item(), x.max().item()], "name": "summary", "n": len(x)}
def wrong(x):
    return {"mean": x.sum().item(), "parts": [x.max().item(), x.min().item()], "name": "summary", "n": len(x)}
"""


def of_dictionaries(student: Student, rng: Random) -> None:
    for _ in range(3):
        x = rng.randn(12, 10)
        parts = [x.min().item(), x.max().item()]
        expected = {"mean": x.mean().item(), "parts": parts, "name": "summary", "n": 12}
        close(student.answer(x), expected, rtol=1e-5, atol=1e-6)


WHOLE = """
def honest(x):
    return x.flip(0) * 3 + 1
def wrong(x):
    return x.flip(1) * 3 + 1
"""


def of_whole_numbers(student: Student, rng: Random) -> None:
    for _ in range(3):
        x = rng.integers(-50, 50, (12, 10))
        equal(student.answer(x), x.flip(0) * 3 + 1)


def fetched(student: Student, rng: Random) -> None:
    for _ in range(3):
        x = rng.integers(-50, 50, (12, 10))
        kept = student.answer.keep(x)
        result = a_tensor(kept.fetch(), shape=(12, 10), dtype=torch.int64)
        ensure(torch.equal(result, x.flip(0) * 3 + 1), "The rows are to be reversed, times 3, plus 1.")


KINDS = """
def honest(x):
    return x.T.contiguous()
def wrong(x):
    return x.double()
"""


def of_a_kind(student: Student, rng: Random) -> None:
    a_tensor(student.answer(rng.randn(12, 10)), shape=(10, 12), dtype=torch.float32)


NUMBERS = """
def honest(x):
    return x.double().square().sum().item()
def wrong(x):
    return x.double().abs().sum().item()
"""


def of_numbers(student: Student, rng: Random) -> None:
    for _ in range(3):
        x = rng.randn(12, 10)
        close(number(student.answer(x)), x.double().square().sum().item())


TRUTHS = """
def honest(x):
    return bool(x.sum() > 0)
def wrong(x):
    return bool(x.abs().sum() > 0)
"""


def of_truths(student: Student, rng: Random) -> None:
    for sign in (1, -1, -1, 1, -1, 1):
        x = sign * rng.rand(12, 10)
        ensure(truth(student.answer(x)) == (sign > 0), "It is to say whether the sum is positive.")


LISTS = """
def honest(x):
    return x.tolist()
def wrong(x):
    return tuple(x.tolist())
"""


def of_types(student: Student, rng: Random) -> None:
    instance(student.answer(rng.randn(12, 10)), list)


ARGUMENTS = """
def honest(x):
    return x * 2
def wrong(x):
    return x.mul_(2)
"""


def of_arguments(student: Student, rng: Random) -> None:
    for _ in range(2):
        x = rng.randn(12, 10)
        unchanged(student.answer.attempt(x).arguments[0], x)


ERRORS = """
def honest(x):
    if x.ndim != 2:
        raise ValueError("the argument needs two dimensions")
    return x * 2 + 1
def wrong(x):
    return x * 2 + 1
"""


def of_errors(student: Student, rng: Random) -> None:
    for shape in ((3, 4), (5,), (2, 3, 4), (3, 4)):
        x = rng.randn(*shape)
        if len(shape) == 2:
            close(student.answer(x), x * 2 + 1)
        else:
            raises(ValueError, student.answer, x)


# ---------------------------------------------------------------------------------- declarations


def declared(declaration: Any, **solution: Any) -> Callable[[Student, Random], None]:
    """The function that a declared check of the name ``answer`` becomes."""

    def check(student: Student, rng: Random) -> None:
        declaration.named("answer").function(student, SimpleNamespace(**solution), rng, Notes())

    return check


VALUE = """
honest = lambda *a: 12.3456789
wrong = lambda *a: 12.5
"""
VALUE_TENSOR = """
honest = lambda *a: torch.arange(120.0).reshape(12, 10).sqrt()
wrong = lambda *a: torch.arange(120.0).reshape(12, 10)
"""
CHOICE = """
honest = lambda *a: {"a", "c"}
wrong = lambda *a: {"b", "d"}
"""
FORMULA = """
def honest(x):
    return 3 * x**2 + 2
def wrong(x):
    return x**3 + 2 * x
"""
FIGURE = """
import matplotlib.pyplot as plt
def drawn(x, y):
    figure, axes = plt.subplots()
    axes.plot(x, y)
    plt.close(figure)
    return figure
honest = lambda x: drawn(x, x**2)
wrong = lambda x: drawn(x, x)
"""


def a_parabola(data: Any, rng: Random, x: torch.Tensor) -> None:
    ensure(len(data["axes"]) == 1, "One pair of axes is asked for.")
    lines = data["axes"][0]["lines"]
    ensure(len(lines) == 1, "One line is asked for.")
    close(lines[0]["x"], x, rtol=1e-5, atol=1e-6, dtype="any", what="x of the line")
    close(lines[0]["y"], x**2, rtol=1e-5, atol=1e-6, dtype="any", what="y of the line")


VARIABLE = {
    **without("argument", "call", "repeats", because="the answer is a variable: nothing is called"),
    "same object": "the answer is a variable: nothing is called",
    "random": NOT_RANDOM,
    "time": NOT_TIMED,
    "dictionary": NO_DICTIONARY,
}

# ------------------------------------------------------------------------------- the other process

FEEDS = """
def honest(feed):
    return torch.stack([row for _ in range(3) for row in feed]).mean(0)
def wrong(feed):
    return torch.stack([row for row in feed]).mean(0)
"""


def of_feeds(student: Student, rng: Random) -> None:
    rows = list(rng.randn(7, 120))
    feed = Feed(rows)
    close(student.answer(feed), torch.stack(rows).mean(0))
    ensure(feed.complete == 3, "The data are to be read three times, to the end.")


CALLBACKS = """
def honest(f, x):
    return f(x) + f(2 * x)
def wrong(f, x):
    return f(x) + f(x)
"""


def of_callbacks(student: Student, rng: Random) -> None:
    for _ in range(2):
        x, asked = rng.randn(12, 10), list[torch.Tensor]()

        def f(at: torch.Tensor, asked: list[torch.Tensor] = asked) -> torch.Tensor:
            asked.append(a_tensor(at, what="what f is called with"))
            return at.cos()

        close(student.answer(f, x), x.cos() + (2 * x).cos())
        ensure(len(asked) == 2, "f is to be called twice.")


COUNTS = """
def honest(f, x):
    return 2 * f(x)
def wrong(f, x):
    return f(x) + f(x)
"""


def of_counts(student: Student, rng: Random) -> None:
    slope, x = rng.uniform(1, 2), rng.randn(12, 10)
    counter = student.count(student.lab.functions.affine.keep(slope, 1.0))
    close(student.answer(counter, x), 2 * (slope * x + 1))
    ensure(counter.calls == 1, "f is to be called once only.")


GRADIENTS = """
def honest(x):
    return torch.sin(x) * x
def wrong(x):
    return torch.sin(x) * x.detach()
"""


def of_gradients(student: Student, rng: Random) -> None:
    for _ in range(2):
        x, cotangent = rng.randn(12, 10), rng.randn(12, 10)
        found = student.vjp(student.answer, x, cotangent=cotangent)
        close(found.value, x.sin() * x, what="the value")
        gradient = found.inputs[0]
        ensure(gradient is not None, "The value does not depend on x.")
        close(gradient, (x.cos() * x + x.sin()) * cotangent, what="the gradient")


MEMORIES = """
def honest(x):
    return x.t()
def wrong(x):
    return x.t().clone()
"""


def of_memory(student: Student, rng: Random) -> None:
    x = rng.randn(12, 10)
    there = student.put(x)
    before = student.memory(there)
    view = student.answer.keep(there)
    equal(view.fetch(), x.T)
    ensure(student.memory(view).storage == before.storage, "The result does not lie in the memory of x.")
    ensure(student.shares_memory(view, there), "The result is a copy.")


CLASSES = """
def honest(inputs, outputs):
    return torch.nn.Linear(inputs, outputs)
class Layer:
    def __init__(self, inputs, outputs):
        self.weight = torch.zeros(outputs, inputs)
def wrong(inputs, outputs):
    return Layer(inputs, outputs)
"""


def of_classes(student: Student, rng: Random) -> None:
    inputs, outputs = rng.integer(2, 9), rng.integer(2, 9)
    layer = student.answer.keep(inputs, outputs)
    ensure(layer.isinstance("torch.nn.Linear"), "It is to return a torch.nn.Linear.")
    a_tensor(layer.weight, shape=(outputs, inputs), what="the weight")


OBJECTS = """
class Bag:
    def __init__(self, weight, items):
        self.weight, self.items = weight, items
    __len__ = lambda self: len(self.items)
    __iter__ = lambda self: iter(self.items)
def honest(w, n):
    return Bag(2 * w, [w + i for i in range(n)])
def wrong(w, n):
    return Bag(3 * w, [w - i for i in range(n)])
"""


def of_objects(student: Student, rng: Random) -> None:
    w, n = rng.randn(12, 10), rng.integer(3, 6)
    bag = student.answer.keep(w, n)
    close(bag.weight, 2 * w, what="its weight")
    ensure(len(bag) == n, "Its length is to be n.")
    items = list(bag)
    ensure(len(items) == n, "It is to give n items.")
    close(items, [w + i for i in range(n)], what="its items")
    close(bag.weight, 2 * w, what="its weight, looked at again")


DERIVATIVES = """
def honest(x):
    return 3 * x**2 + 2
def wrong(x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad((x**3 + 2 * x).sum(), x)[0]
"""


def by_hand(student: Student, rng: Random) -> None:
    with student.without_autograd():
        for _ in range(2):
            x = rng.randn(12, dtype=torch.float64)
            close(student.answer(x), 3 * x**2 + 2)


SHORT_CUT = """
def honest(x):
    return x[[2, 1, 0]]
def wrong(x):
    return torch.flip(x, (0,))
"""


def forbidding(student: Student, rng: Random) -> None:
    with student.forbid("torch.flip", "torch.Tensor.flip", why="Index the rows yourself."):
        for _ in range(2):
            x = rng.randn(3, 4)
            equal(student.answer(x), x.flip(0))


def reading(student: Student, rng: Random) -> None:
    used = student.source("answer").uses("torch.flip", "torch.Tensor.flip")
    ensure(used is None, f"It uses `{used}`, which is not allowed here.")
    x = rng.randn(3, 4)
    equal(student.answer(x), x.flip(0))


DRAWS = """
def honest(n):
    return torch.randn(n, 5)
own = torch.Generator().manual_seed(1)
def wrong(n):
    return torch.randn(n, 5, generator=own)
"""


def of_draws(student: Student, rng: Random) -> None:
    for _ in range(2):
        seed, n = rng.seed(), 24
        student.seed(seed)
        expected = torch.randn(n, 5, generator=torch.Generator().manual_seed(seed))
        equal(student.answer(n), expected, what="what is drawn after torch.manual_seed")


# ------------------------------------------------------------------------------------ the clock

SPEED = """
def honest(x):
    for _ in range(20):
        x = x * 1.01 + 0.1
    return x
def wrong(x):
    for _ in range(200):  # work, and no sleep: a busy machine then stretches both sides alike
        result = honest(x)
    return result
loop = wrong
"""


def worked(x: torch.Tensor) -> torch.Tensor:
    for _ in range(20):
        x = x * 1.01 + 0.1
    return x


TIMED = SimpleNamespace(answer=worked, loop=worked)


def is_quick(student: Student, clock: Clock, rng: Random) -> None:
    ratio = clock.ratio(student.answer, clock.reference.answer, lambda: (rng.randn(500),))
    at_most(ratio, 6, "It takes much longer than torch's own operation.")


def is_quicker(student: Student, clock: Clock, rng: Random) -> None:
    ratio = clock.ratio(student.loop, student.answer, lambda: (rng.randn(500),))
    at_least(ratio, 5, "It is not much quicker than the loop.")


BESIDE = "refused in the student's own process, and believed as far as that is"
ASKED_BESIDE = "asked of the student's own process, and believed as far as that is"
COUNTED_BESIDE = "counted in the student's own process, and believed as far as that is"
NOT_THE_RESULT = "how it is done is judged; the results are compared by `close` beside it"
ONCE = "it is called once"
CLOCKED = {
    **{aspect: why for aspect, why in USUAL.items() if aspect != "time"},
    "precision": "under the clock 1e-4 is allowed: half precision is met by `close` beside it",
    "dtype": "under the clock any dtype is taken",
}

VERBS = {
    verb.name: verb
    for verb in (
        Verb("close", "`close`", "equal within a tolerance", TENSORS, of_tensors, USUAL),
        Verb(
            "call_each",
            "`call_each`",
            "equal within a tolerance, of calls that travel together",
            TENSORS,
            of_journeys,
            USUAL,
        ),
        Verb(
            "close_loose",
            "`close`, wide",
            'equal within a stated tolerance, `dtype="any"`',
            SMALL_TENSORS,
            of_small_tensors,
            USUAL
            | {
                "precision": "the tolerance that it states is wider than the errors of float16",
                "dtype": "any dtype is taken",
            },
        ),
        Verb(
            "put",
            "`close`, `put`",
            "the same object in every call, changed in between",
            TENSORS,
            of_one_object,
            {aspect: why for aspect, why in USUAL.items() if aspect != "same object"},
        ),
        Verb(
            "close_data",
            "`close`, data",
            "lists and dictionaries of numbers and texts",
            DICTIONARIES,
            of_dictionaries,
            {
                **without("elements", because="the result has no tensor"),
                "dtype": "the result has no tensor",
                "tensor": NOT_A_TENSOR,
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
            },
        ),
        Verb(
            "equal",
            "`equal`",
            "exactly equal",
            WHOLE,
            of_whole_numbers,
            USUAL | {"precision": "whole numbers of this size are exact in float16"},
        ),
        Verb(
            "ensure",
            "`ensure`, `keep`, `fetch`",
            "a condition on what was left there and fetched",
            WHOLE,
            fetched,
            USUAL | {"precision": "whole numbers of this size are exact in float16"},
        ),
        Verb(
            "a_tensor",
            "`a_tensor`",
            "a tensor of a shape and dtype",
            KINDS,
            of_a_kind,
            USUAL | without("numbers", "repeats", because="kind, shape and dtype are looked at, no number"),
            harmless={"mutated_argument": "kind, shape and dtype are what they should be"},
        ),
        Verb(
            "number",
            "`number`",
            "one number of any kind, compared then",
            NUMBERS,
            of_numbers,
            {aspect: why for aspect, why in USUAL.items() if aspect != "plain"} | ONE_NUMBER,
        ),
        Verb(
            "truth",
            "`truth`",
            "a truth value of any kind, compared then",
            TRUTHS,
            of_truths,
            {aspect: why for aspect, why in USUAL.items() if aspect != "plain"}
            | {"elements": "the result is one bool", "dtype": "no number is taken for a bool"}
            | {"precision": "no sum of these numbers is near zero", "size": "a bool has no size"},
        ),
        Verb(
            "instance",
            "`instance`",
            "plain data of a type",
            LISTS,
            of_types,
            {
                **without(
                    "numbers",
                    "elements",
                    "precision",
                    "dtype",
                    "repeats",
                    because="only the type is looked at",
                ),
                "tensor": NOT_A_TENSOR,
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
                "dictionary": NO_DICTIONARY,
            },
            harmless={"mutated_argument": "the type is what it should be"},
        ),
        Verb(
            "unchanged",
            "`unchanged`",
            "an argument that is left alone",
            ARGUMENTS,
            of_arguments,
            {
                **without(*OF_RESULTS, because="the argument is looked at, not the result"),
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
            },
        ),
        Verb(
            "raises",
            "`raises`",
            "an exception of a kind",
            ERRORS,
            of_errors,
            USUAL | without("precision", "elements", "dtype", "tensor", because=NOT_THE_RESULT),
        ),
        Verb(
            "value",
            "`value`",
            "a number that is the reference's",
            VALUE,
            declared(value(1, "it"), answer=12.3456789),
            VARIABLE | ONE_NUMBER,
            variable=True,
        ),
        Verb(
            "value_tensor",
            "`value`, tensor",
            "a tensor that is the reference's",
            VALUE_TENSOR,
            declared(value(1, "it"), answer=torch.arange(120.0).reshape(12, 10).sqrt()),
            VARIABLE | {"dtype": "any dtype is taken", "plain": NO_PLAIN},
            variable=True,
        ),
        Verb(
            "choice",
            "`choice`",
            "keys of what is offered",
            CHOICE,
            declared(
                choice(1, "Which?", {"a": "one", "b": "two", "c": "three", "d": "four"}, several=True),
                answer={"a", "c"},
            ),
            VARIABLE
            | without(
                "numbers", "elements", "precision", "dtype", because="the answer is a set of texts, no number"
            )
            | {"tensor": "the answer is no tensor, and one is refused as such"},
            variable=True,
        ),
        Verb(
            "formula",
            "`formula`",
            "a derived result, at hidden points",
            FORMULA,
            declared(formula(1, "it", at=lambda rng: (rng.uniform(-3, 3),)), answer=lambda x: 3 * x**2 + 2),
            {aspect: why for aspect, why in USUAL.items() if aspect != "plain"} | ONE_NUMBER,
            harmless={"mutated_argument": "a number arrives, and numbers cannot be changed"},
        ),
        Verb(
            "figure",
            "`figure`",
            "a figure, read as data",
            FIGURE,
            declared(
                figure(1, "it", inspect=a_parabola, arguments=lambda rng: (rng.randn(20).sort().values,))
            ),
            {
                **without(
                    *(aspect for aspect in OF_RESULTS if aspect != "result"),
                    because="a figure is asked for; anything else is refused as such",
                ),
                "repeats": ONCE,
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
            },
            believed={
                "lying_line": "what an artist says of itself is read; the picture in the report shows a person the truth"
            },
        ),
        Verb(
            "text",
            "`text`",
            "a written answer, for a person",
            "",
            lambda: None,
            without(
                *OF_RESULTS,
                "argument",
                "call",
                "run",
                "repeats",
                "same object",
                "random",
                "time",
                because="nothing is ever scored: it waits for a person (tests/forgery/test_lazy_answers.py)",
            ),
        ),
        Verb(
            "feed",
            "`Feed`",
            "what was read of an iterable",
            FEEDS,
            of_feeds,
            USUAL
            | {"repeats": ONCE, "argument": "the argument is the grader's iterable, served item by item"},
        ),
        Verb(
            "callback",
            "callbacks",
            "a function of the check's, with its calls",
            CALLBACKS,
            of_callbacks,
            USUAL,
        ),
        Verb(
            "count",
            "`count`",
            "the number of calls",
            COUNTS,
            of_counts,
            USUAL | {"repeats": ONCE},
            believed=dict.fromkeys(("counter_reset", "counter_bypassed", "patched_worker"), COUNTED_BESIDE),
        ),
        Verb(
            "vjp",
            "`vjp`",
            "value and gradients, for a random cotangent",
            GRADIENTS,
            of_gradients,
            USUAL,
        ),
        Verb(
            "memory",
            "`memory`, `shares_memory`",
            "where tensors lie",
            MEMORIES,
            of_memory,
            USUAL | {"repeats": ONCE, "precision": NOT_THE_RESULT},
            believed={"patched_worker": ASKED_BESIDE},
        ),
        Verb(
            "isinstance",
            "`Handle.isinstance`",
            "the class of an object",
            CLASSES,
            of_classes,
            {
                **without(
                    "numbers",
                    "elements",
                    "precision",
                    "dtype",
                    "tensor",
                    "plain",
                    "dictionary",
                    because="the class is looked at, no number",
                ),
                "argument": "the arguments are numbers",
                "repeats": ONCE,
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
            },
            believed={"patched_worker": ASKED_BESIDE},
        ),
        Verb(
            "handle",
            "attributes, `len`, iteration",
            "what an object says when it is asked",
            OBJECTS,
            of_objects,
            {
                **without(
                    "numbers",
                    "elements",
                    "precision",
                    "dtype",
                    "tensor",
                    "plain",
                    "dictionary",
                    because="the object is asked part by part; each part is judged by `close`",
                ),
                "repeats": ONCE,
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
            },
            harmless={"lazy_object": "the work may be done when it is asked for: each part is right"},
        ),
        Verb(
            "without_autograd",
            "`without_autograd`",
            "no differentiation while it is called",
            DERIVATIVES,
            by_hand,
            {
                **without(*OF_RESULTS, "argument", because=NOT_THE_RESULT),
                "repeats": NOT_THE_RESULT,
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
            },
            believed={
                "patched_worker": BESIDE,
                "hidden_engine": "what was put by beforehand is not refused; the source shows it to a person",
            },
        ),
        Verb(
            "forbid",
            "`forbid`",
            "names that must not be used while it is called",
            SHORT_CUT,
            forbidding,
            {
                **without(*OF_RESULTS, "argument", because=NOT_THE_RESULT),
                "repeats": NOT_THE_RESULT,
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
            },
            believed={
                "patched_worker": BESIDE,
                "default_argument": "what was put by beforehand is not refused; `source` finds it",
            },
        ),
        Verb(
            "source",
            "`source`",
            "names that must not stand in the source",
            SHORT_CUT,
            reading,
            {
                **without(*OF_RESULTS, "argument", because=NOT_THE_RESULT),
                **without("call", "run", because="the source is parsed where the answer does not run"),
                "repeats": NOT_THE_RESULT,
                "same object": FRESH,
                "random": NOT_RANDOM,
                "time": NOT_TIMED,
            },
            believed={
                "name_in_pieces": "the name does not stand in the source; `forbid` refuses it",
                "code_in_a_string": "the name does not stand in the source; `forbid` refuses it",
            },
        ),
        Verb(
            "seed",
            "`seed`",
            "draws that follow torch's generator",
            DRAWS,
            of_draws,
            {aspect: why for aspect, why in USUAL.items() if aspect != "random"}
            | {"argument": "the argument is a number"},
        ),
        Verb(
            "at_most",
            "`Clock.ratio`, `at_most`",
            "an answer that is quick",
            SPEED,
            is_quick,
            CLOCKED,
            believed={
                "elements_on_demand": "some elements are looked at while the clock runs, and that beside the answer"
            },
            solution=TIMED,
        ),
        Verb(
            "at_least",
            "`at_least`",
            "an answer that is quicker than another",
            SPEED,
            is_quicker,
            CLOCKED,
            solution=TIMED,
        ),
        *TRAINING_VERBS,
    )
}
CELLS = [(verb.name, lie.name) for verb in VERBS.values() for lie in LIES.values()]
