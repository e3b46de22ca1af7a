"""Every kind of value that the format knows arrives as it was sent."""

from __future__ import annotations

import enum
from collections import Counter, OrderedDict, defaultdict, namedtuple
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from wire_values import arrays, assert_same, bits, hashable, named, plain_scalars, tensors, values

from grader.wire import Unencodable, decode, encode
from grader.wire.codec import DTYPES

pytestmark = pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
often = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Point = namedtuple("Point", "x y")


class Labelled(torch.Tensor):
    """A subclass that says untrue things about itself."""

    shape = property(lambda self: torch.Size([7, 7]))
    dtype = property(lambda self: torch.int8)
    requires_grad = property(lambda self: False)

    def as_subclass(self, cls: type) -> torch.Tensor:
        return torch.full((7, 7), 3.0)

    contiguous = detach = cpu = numpy = numel = size = as_subclass  # type: ignore[assignment]

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise AssertionError("the codec must not ask the subclass")


def through(value: Any) -> Any:
    return decode(encode(value))


@often
@given(values)
def test_any_value_arrives_as_it_was_sent(value: Any) -> None:
    assert_same(through(value), value)


@often
@given(tensors())
def test_tensor_keeps_dtype_shape_elements_and_requires_grad(tensor: torch.Tensor) -> None:
    assert_same(through(tensor), tensor)


@often
@given(arrays())
def test_array_keeps_dtype_shape_and_elements(array: np.ndarray) -> None:
    assert_same(through(array), array)


@often
@given(plain_scalars | named | hashable)
@example("\ud83d\ude00")  # two surrogates that JSON would join into one character
@example("\udc80 alone")
@example(-0.0)
@example(complex(float("nan"), -0.0))
@example(2**53)
@example(-(2**53))
def test_scalar_arrives_as_it_was_sent(value: Any) -> None:
    assert_same(through(value), value)


@pytest.mark.parametrize("name", sorted(DTYPES))
def test_every_dtype_is_sent_with_its_elements(name: str) -> None:
    dtype = DTYPES[name]
    patterns = bytearray(range(1, 2 * 3 * dtype.itemsize + 1))
    tensor = torch.ones(2, 3, dtype=dtype) if name == "bool" else torch.frombuffer(patterns, dtype=dtype)
    tensor = tensor.reshape(2, 3)
    for layout in (tensor, tensor.t(), tensor[:, ::2], tensor[1:], tensor[:0], tensor[0, 0], tensor[:1, :1]):
        assert_same(through(layout), layout)


def test_no_dtype_with_whole_bytes_is_forgotten() -> None:
    """A dtype that torch adds one day shows up here."""
    partial = ("q", "bit", "uint1", "uint2", "uint3", "uint4", "uint5", "uint6", "uint7")
    partial = (*partial, "int1", "int2", "int3", "int4", "int5", "int6", "int7", "float4")
    known = {str(dtype) for dtype in DTYPES.values()}
    for dtype in {value for value in vars(torch).values() if isinstance(value, torch.dtype)}:
        name = str(dtype).removeprefix("torch.")
        exact = name in ("int16", "int32", "int64", "uint16", "uint32", "uint64")
        assert str(dtype) in known or (name.startswith(partial) and not exact)


def test_views_are_sent_as_what_they_show() -> None:
    z = torch.tensor([1 + 2j, 3 - 4j])
    base = torch.arange(12.0).reshape(3, 4)
    cases = {
        "conjugate": (z.conj(), [1 - 2j, 3 + 4j]),
        "negative": (z.conj().imag, [-2.0, 4.0]),
        "one element, expanded": (torch.ones(1, 1).expand(2, 3), [[1.0] * 3] * 2),
        "column": (base[:, 1], [1.0, 5.0, 9.0]),
        "diagonal": (base.diagonal(), [0.0, 5.0, 10.0]),
        "single element of a larger one": (base[1, 1], 5.0),
    }
    for what, (tensor, shown) in cases.items():
        assert through(tensor).tolist() == shown, what
        assert len(encode(tensor)) < 300, what  # not the storage behind it


def test_parameters_and_subclasses_arrive_as_plain_tensors() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    assert_same(through(parameter), torch.ones(2, requires_grad=True))
    frozen = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    assert_same(through(frozen), torch.ones(2))
    result = (torch.ones(2, requires_grad=True) * 2).sum()
    assert through(result).requires_grad
    assert through(result).is_leaf


def test_a_subclass_cannot_lie_about_itself() -> None:
    honest = torch.arange(6.0).reshape(2, 3)
    liar = torch.Tensor._make_subclass(Labelled, honest, True)
    assert_same(through(liar), torch.arange(6.0).reshape(2, 3).requires_grad_())


def test_inference_tensors_and_modes_do_not_matter() -> None:
    with torch.inference_mode():
        tensor = torch.ones(3)
    assert_same(through(tensor), torch.ones(3))
    with torch.inference_mode(), torch.device("meta"):
        frame = encode(torch.ones(3, device="cpu"))
    with torch.device("meta"):
        assert decode(frame).device.type == "cpu"
        assert decode(encode(torch.empty(0, device="cpu"))).device.type == "cpu"


def test_patched_torch_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check may forbid these while a callback's data is on its way, and a student may patch them."""

    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("the codec must not call this")

    tensor, mask = torch.arange(6.0).reshape(2, 3), torch.tensor([True, False])
    for name in "reshape view contiguous detach cpu numpy as_strided numel size as_subclass ne".split():
        monkeypatch.setattr(torch.Tensor, name, refused)
    for name in "empty frombuffer no_grad reshape".split():
        monkeypatch.setattr(torch, name, refused)
    frame = encode([tensor, mask, tensor[:0]])
    first, second, empty = decode(frame)
    monkeypatch.undo()
    assert_same([first, second, empty], [tensor, mask, tensor[:0]])


def test_decoded_tensors_own_their_memory() -> None:
    frame = bytearray(encode([torch.zeros(3), np.zeros(3), b"abc"]))
    tensor, array, blob = decode(frame)
    frame[:] = b"\xff" * len(frame)
    tensor += 1
    array += 1
    assert (tensor.tolist(), array.tolist(), blob) == ([1, 1, 1], [1, 1, 1], b"abc")


def test_one_tensor_sent_twice_arrives_as_two() -> None:
    x = torch.ones(2)
    a, b = through([x, x])
    a += 1
    assert b.tolist() == [1, 1]


def test_relatives_of_containers_arrive_as_their_plain_kind() -> None:
    assert_same(through(Point(1, 2.0)), (1, 2.0))
    assert_same(through(torch.ones(2, 2).max(dim=0)), (torch.ones(2), torch.zeros(2, dtype=torch.int64)))
    assert_same(through(OrderedDict(a=1, b=2)), {"a": 1, "b": 2})
    assert_same(through(defaultdict(list, a=[1])), {"a": [1]})
    assert_same(through(bytearray(b"ab")), b"ab")


def test_keys_of_any_kind() -> None:
    value = {1: "a", "1": "b", (2, "x"): "c", None: "d", 1.5: "e", frozenset({3}): "f", b"k": "g"}
    assert_same(through(value), value)
    assert through({float("nan"): 1}).popitem()[1] == 1


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(["ä", "\ud800", ""], dtype=">U3"),
        np.array([b"a\0b", b""]),
        np.array("text"),
        np.zeros((0, 3), np.float16),
        np.float32(1.5),
        np.bool_(True),
        np.str_(""),
        np.bytes_(b""),
        np.longdouble("0.1"),
        np.array([1 + 2j], np.clongdouble),
    ],
    ids=lambda array: f"{array.dtype.str} {array.shape}",
)
def test_array_of_special_kinds(array: Any) -> None:
    assert_same(through(array), array)


class Colour(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize(
    "thing",
    [
        print,
        object(),
        torch.nn.Linear(1, 1),
        Colour.RED,
        Counter("ab"),
        np.array([None]),
        np.array(["2020-01-01"], "M8[D]"),
        np.zeros(2, "i4,f4"),
        np.ma.masked_array([1], [True]),
        torch.ones(2, 2).to_sparse(),
        torch.ones(2, device="meta"),
        (item for item in ()),
        memoryview(b"ab"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_what_is_not_data_becomes_a_handle(thing: Any) -> None:
    given: list[Any] = []

    def wrap(value: Any) -> dict[str, Any]:
        given.append(value)
        return {"$": "handle", "id": 5}

    frame = encode({"a": [thing]}, wrap)
    assert given[0] is thing
    assert decode(frame, lambda node: node["id"]) == {"a": [5]}
    with pytest.raises(Unencodable, match="is not data"):
        encode([thing])


def test_a_class_with_a_name_for_a_dictionary_is_no_dictionary() -> None:
    value = {"$": "tensor", "dtype": "float32", "shape": [1], "buffer": 0, "grad": False}
    assert_same(through(value), value)
    assert_same(through([{"$": "handle", "id": 3}]), [{"$": "handle", "id": 3}])


def test_special_bits_of_floats_survive() -> None:
    payload = torch.tensor([0x7FC00001, -0x3FFFFF], dtype=torch.int32).view(torch.float32)
    assert bits(through(payload)) == bits(payload)
