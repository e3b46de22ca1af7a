"""No bytes whatever make the decoder do anything but return plain data or raise WireError."""

from __future__ import annotations

import json
import random
import resource
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_values import assert_same, values

from grader.wire import DEFAULT_LIMITS, Limits, WireError, decode, encode
from grader.wire.codec import DTYPES
from grader.wire.decoder import _READERS

pytestmark = pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
MERSENNE = 2**61 - 1  # Python's hash of an integer is its remainder by this
PLAIN = (type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, slice, range)
PLAIN = (*PLAIN, torch.Tensor, torch.Size, torch.dtype, torch.device, np.ndarray, np.generic, type(...))


def frame(header: Any, *buffers: bytes) -> bytes:
    """A frame with a header that need not make sense; a string is taken as it is."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    data = b"GRW1" + len(text).to_bytes(4, "big") + text
    for buffer in buffers:
        data += b"\0" * (-len(data) % 16) + buffer
    return data


def holding(value: Any, *buffers: bytes) -> bytes:
    return frame({"value": value, "sizes": [len(buffer) for buffer in buffers]}, *buffers)


def tensor(dtype: Any = "float32", shape: Any = (1,), buffer: Any = 0, grad: Any = False) -> dict[str, Any]:
    return {"$": "tensor", "dtype": dtype, "shape": shape, "buffer": buffer, "grad": grad}


def array(dtype: Any, shape: Any = (1,), tag: str = "array") -> dict[str, Any]:
    return {"$": tag, "dtype": dtype, "shape": shape, "buffer": 0}


def only_data(value: Any) -> None:
    """Every part of a decoded value is of a plain type."""
    assert isinstance(value, PLAIN), type(value)
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            only_data(item)
    elif isinstance(value, dict):
        only_data([*value, *value.values()])


def survive(data: bytes, limits: Limits = DEFAULT_LIMITS) -> None:
    try:
        value = decode(data, limits=limits)
    except WireError:
        return
    only_data(value)


# ------------------------------------------------------------------------------------- crafted

MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "magic only": b"GRW1",
    "wrong magic": b"GRW2" + holding(1)[4:],
    "pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x07builtins\x94.",
    "header longer than the frame": b"GRW1" + (2**31).to_bytes(4, "big") + b"{}",
    "header cut off": holding([1, 2, 3])[:-1],
    "not JSON": frame(b"{'value': 1}"),
    "not ASCII": frame('{"value":"é","sizes":[]}'.encode()),
    "NaN": frame(b'{"value":NaN,"sizes":[]}'),
    "Infinity": frame(b'{"value":-Infinity,"sizes":[]}'),
    "overflowing float": frame(b'{"value":1e999,"sizes":[]}'),
    "large plain integer": frame(b'{"value":9007199254740992,"sizes":[]}'),
    "integer of 5,000 digits": frame(b'{"value":' + b"7" * 5_000 + b',"sizes":[]}'),
    "integer of 5,000,000 digits": frame(b'{"value":' + b"7" * 5_000_000 + b',"sizes":[]}'),
    "duplicate key of the header": frame(b'{"value":1,"value":2,"sizes":[]}'),
    "duplicate key of a node": frame(b'{"value":{"$":"tuple","$":"set","items":[]},"sizes":[]}'),
    "duplicate key of a dictionary": holding({"$": "dict", "items": [["a", 1], ["a", 2]]}),
    "equal keys of different types": holding({"$": "dict", "items": [[1, 1], [True, 2]]}),
    "nested 100,000 deep": frame(b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b',"sizes":[]}'),
    "objects 100,000 deep": frame(
        b'{"value":' + b'{"$":' * 100_000 + b"1" + b"}" * 100_000 + b',"sizes":[]}'
    ),
    "unclosed": frame(b'{"value":' + b"[" * 1_000_000),
    "millions of empty lists": frame(b'{"value":[' + b"[]," * 5_000_000 + b'[]],"sizes":[]}'),
    "millions of sizes": frame(b'{"value":1,"sizes":[' + b"0," * 5_000_000 + b"0]}"),
    "no sizes": frame({"value": 1}),
    "an extra field": frame({"value": 1, "sizes": [], "more": 1}),
    "header is a list": frame([1]),
    "sizes is an object": frame({"value": 1, "sizes": {}}),
    "negative size": frame({"value": 1, "sizes": [-1]}),
    "size is a float": frame({"value": 1, "sizes": [1.0]}, b"a"),
    "size is true": frame({"value": 1, "sizes": [True]}, b"a"),
    "size beyond the frame": frame({"value": {"$": "bytes", "buffer": 0}, "sizes": [2**40]}),
    "size of 2**70": frame({"value": 1, "sizes": [2**70]}),
    "unknown tag": holding({"$": "pickle", "data": "gASVAAA="}),
    "tag is a number": holding({"$": 1}),
    "tag is a list": holding({"$": []}),
    "no tag": holding({"a": 1}),
    "no fields": holding({"$": "tensor"}),
    "handle where none is expected": holding({"$": "handle", "id": 0}),
    "items is a string": holding({"$": "tuple", "items": "abc"}),
    "items is an object": holding({"$": "set", "items": {"a": 1}}),
    "unhashable member": holding({"$": "set", "items": [[1]]}),
    "unhashable key": holding({"$": "dict", "items": [[[1], 1]]}),
    "unhashable tuple": holding({"$": "set", "items": [{"$": "tuple", "items": [[1]]}]}),
    "dictionary of strings": holding({"$": "dict", "items": ["ab", "cd"]}),
    "dictionary of triples": holding({"$": "dict", "items": [[1, 2, 3]]}),
    "range of nothing": holding({"$": "range", "items": []}),
    "range of four": holding({"$": "range", "items": [1, 2, 3, 4]}),
    "range with step 0": holding({"$": "range", "items": [1, 2, 0]}),
    "range of floats": holding({"$": "range", "items": [1.5, 2, 1]}),
    "slice of two": holding({"$": "slice", "items": [1, 2]}),
    "decimal integer": holding({"$": "int", "hex": "0x"}),
    "integer is no text": holding({"$": "int", "hex": 5}),
    "integer too long": holding({"$": "int", "hex": "f" * 1_000_000}),
    "float of another name": holding({"$": "float", "text": "1e5"}),
    "float is a list": holding({"$": "float", "text": []}),
    "complex is a sum": holding({"$": "complex", "real": "1+2j", "imag": "0"}),
    "complex of numbers": holding({"$": "complex", "real": 1, "imag": 2}),
    "complex is long": holding({"$": "complex", "real": "1" * 1000, "imag": "0"}),
    "device is a number": holding({"$": "device", "name": 0}),
    "device is a formula": holding({"$": "device", "name": "cuda:__import__('os')"}),
    "device has no name": holding({"$": "device", "name": ""}),
    "device index out of range": holding({"$": "device", "name": "cuda:99999999999"}),
    "dtype is a function": holding({"$": "dtype", "name": "load"}),
    "dtype is a list": holding({"$": "dtype", "name": ["float32"]}),
    "size of floats": holding({"$": "size", "items": [1.5]}),
    "size of true": holding({"$": "size", "items": [True]}),
    "size beyond 64 bits": holding({"$": "size", "items": [2**70]}),
    "bytes without a buffer": holding({"$": "bytes", "buffer": 0}),
    "bytes of a negative buffer": holding({"$": "bytes", "buffer": -1}, b"ab"),
    "bytes of buffer true": holding({"$": "bytes", "buffer": True}, b"ab", b"cd"),
    "text that is not UTF-8": holding({"$": "text", "buffer": 0}, b"\xff\xfe"),
    "tensor without elements": holding(tensor()),
    "tensor with a spare byte": holding(tensor(), b"12345"),
    "tensor of three bytes": holding(tensor(), b"123"),
    "negative shape": holding(tensor(shape=[-1]), b"1234"),
    "two negative sizes": holding(tensor(shape=[-1, -1]), b"1234"),
    "overflowing shape": holding(tensor(shape=[2**32, 2**32]), b"1234"),
    "shape that wraps to one": holding(tensor(shape=[2**62 + 1, 4]), b"1234"),
    "shape of 2**200": holding(tensor(shape=[2**200]), b"1234"),
    "empty shape with 2**40 rows": holding(tensor(shape=[2**40, 0]), b""),
    "empty shape with 2**30 rows": holding(tensor(shape=[2**30, 0]), b""),
    "65 dimensions": holding(tensor(shape=[1] * 65), b"1234"),
    "shape of floats": holding(tensor(shape=[1.0]), b"1234"),
    "shape of true": holding(tensor(shape=[True]), b"1234"),
    "shape is a number": holding(tensor(shape=1), b"1234"),
    "shape is text": holding(tensor(shape="1"), b"1234"),
    "shape is a node": holding(tensor(shape={"$": "tuple", "items": [1]}), b"1234"),
    "tensor of objects": holding(tensor(dtype="object"), b"1234"),
    "tensor of a quantised dtype": holding(tensor(dtype="qint8"), b"1"),
    "tensor dtype is a list": holding(tensor(dtype=["float32"]), b"1234"),
    "no such buffer": holding(tensor(buffer=1), b"1234"),
    "buffer is text": holding(tensor(buffer="0"), b"1234"),
    "one buffer for two tensors": holding([tensor(), tensor()], b"1234"),
    "one buffer for bytes, too": holding([tensor(), {"$": "bytes", "buffer": 0}], b"1234"),
    "array of objects": holding(array("|O8"), b"12345678"),
    "array of objects by name": holding(array("O"), b"12345678"),
    "array of dates": holding(array("<M8[s]"), b"12345678"),
    "array of records": holding(array("i4,i4"), b"12345678"),
    "array of records by name": holding(array("|V8"), b"12345678"),
    "array of arrays": holding(array("(2,)i4"), b"12345678"),
    "array dtype is code": holding(array("{'names':['a'],'formats':['O']}"), b"12345678"),
    "array dtype is an object": holding(array({"names": ["a"], "formats": ["O"]}), b"12345678"),
    "array dtype is a list": holding(array([["a", "O"]]), b"12345678"),
    "array dtype with a comment": holding(array("<i4 # "), b"1234"),
    "array of deprecated names": holding(array("|a4"), b"1234"),
    "array of another byte order": holding(array(np.dtype("i4").newbyteorder().str), b"1234"),
    "array with items of no bytes": holding(array("<U0", [2**20])),
    "array of 2**40 items of no bytes": holding(array("<U0", [2**40])),
    "array of 2**40 byte strings of no bytes": holding(array("|S0", [2**40])),
    "array with huge items": holding(array("<U999999999", [1]), b"1234"),
    "array of an odd item size": holding(array("<i3", [1]), b"123"),
    "array of 33 rows too many": holding(array("<i4", [34]), b"1234"),
    "text beyond Unicode": holding(array("<U1"), (0x110000).to_bytes(4, "little")),
    "text of negative points": holding(array("<U1"), b"\xff\xff\xff\xff"),
    "scalar with a dimension": holding(array("<i4", [1], "scalar"), b"1234"),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_malformed_frame_is_refused(what: str) -> None:
    with pytest.raises(WireError):
        decode(MALFORMED[what])
    with pytest.raises(WireError):
        decode(bytearray(MALFORMED[what]))


def test_refusing_costs_no_memory() -> None:
    """All of the malformed frames, some of which announce exabytes, and copies of one buffer."""
    hungry = [
        holding([tensor("uint8", [2**20])] * 10_000, b"x" * 2**20),
        holding([{"$": "bytes", "buffer": 0}] * 10_000, b"x" * 2**20),
        holding([array("|u1", [2**20])] * 10_000, b"x" * 2**20),
        holding([array("<U0", [2**27])] * 1_000),
        holding([tensor(shape=[2**28, 2**20, 0])] * 1_000),
    ]
    decode(encode(torch.zeros(10)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in [*MALFORMED.values(), *hungry]:
        with pytest.raises(WireError):
            decode(data)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300 * 1024, f"{grown / 1024:.0f} MiB more"


COUNT = range(1, 50_001)
INTEGERS = [{"$": "int", "hex": hex(n * MERSENNE)} for n in COUNT]
SAME_HASH = {
    "integers": INTEGERS,
    "tuples": [{"$": "tuple", "items": [number]} for number in INTEGERS],
    "frozensets": [{"$": "frozenset", "items": [number]} for number in INTEGERS],
    # hash(a + bj) is hash(a) + 1000003 hash(b)
    "complex": [{"$": "complex", "real": repr(-1000003.0 * n), "imag": repr(float(n))} for n in COUNT],
}


@pytest.mark.parametrize("what", SAME_HASH)
@pytest.mark.parametrize("tag", ["set", "frozenset", "dict"])
def test_members_of_one_hash_are_refused(tag: str, what: str) -> None:
    """A table of them would take minutes, and the parent cannot interrupt itself."""
    members = SAME_HASH[what]
    items = [[member, 1] for member in members] if tag == "dict" else members
    with pytest.raises(WireError, match="same hash"):
        decode(holding({"$": tag, "items": items}))


def test_honest_sets_and_dictionaries_of_numbers_are_not_refused() -> None:
    for numbers in (range(20_000), [n / 7 for n in range(20_000)], [2.0**n for n in range(-1000, 1000)]):
        members = set(numbers)
        assert decode(encode(members)) == members
        assert decode(encode(dict.fromkeys(members))) == dict.fromkeys(members)
    powers = {2**n for n in range(3_000)}  # 61 different hashes
    assert decode(encode(powers)) == powers


def test_truth_values_are_zero_or_one() -> None:
    bits = bytes([0, 1, 2, 255])
    values = decode(holding(tensor("bool", [4]), bits))
    assert values.view(torch.uint8).tolist() == [0, 1, 1, 1]
    assert decode(holding(array("|b1", [4]), bits)).view(np.uint8).tolist() == [0, 1, 1, 1]


def test_integer_tensors_never_require_a_gradient() -> None:
    assert not decode(holding(tensor("int32", grad=True), b"1234")).requires_grad
    assert not decode(holding(tensor(grad="yes"), b"1234")).requires_grad


def test_what_is_no_value_of_ours_goes_to_resolve_as_it_is() -> None:
    seen: list[Any] = []
    assert decode(holding([{"$": "handle", "id": {"x": [1]}}]), seen.append) == [None]
    assert seen == [{"$": "handle", "id": {"x": [1]}}]


# ------------------------------------------------------------------------------------- fuzzed

quick = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
TIGHT = Limits(size=2**20, depth=20, nodes=5_000, int_bits=10_000)

TAGS = [*_READERS, "handle"]
FIELDS = ["items", "dtype", "shape", "buffer", "grad", "hex", "text", "name", "real", "imag"]
NAMES = [*DTYPES, "<U1", "<f4", "|O", "|b1", ">i2", "nan", "0x1", "cpu", "cuda:0", ""]
words = st.sampled_from([*TAGS, "$", *FIELDS, *NAMES])
numbers = st.integers(-2, 20) | st.sampled_from([2**31, 2**53, 2**63, -(2**63), 2**64, 10**30, 0.5, 1e300])
atoms = st.none() | st.booleans() | numbers | words | st.text(max_size=4)
trees = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(words, inner, max_size=4),
        st.builds(
            lambda tag, fields: {"$": tag, **fields},
            st.sampled_from(TAGS),
            st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=2_000, **quick)
@given(st.binary(max_size=200), st.booleans())
def test_random_bytes(data: bytes, framed: bool) -> None:
    survive(b"GRW1" + data if framed else data, TIGHT)
    survive(frame(data), TIGHT)


@settings(max_examples=2_000, **quick)
@given(trees, st.lists(st.binary(max_size=20), max_size=3))
def test_random_trees(tree: Any, buffers: list[bytes]) -> None:
    survive(holding(tree, *buffers), TIGHT)


def mutated(data: bytearray, source: random.Random) -> bytearray:
    """`data` with one to four faults of a kind that a bug or an attacker would make."""
    for _ in range(source.randint(1, 4)):
        place = source.randrange(len(data) or 1)
        match source.randrange(6):
            case 0 if data:
                data[place] ^= 1 << source.randrange(8)
            case 1 if data:
                data[place] = source.choice(b'0123456789-{}[]",:$\x00\xff')
            case 2:
                del data[place : place + source.randint(1, 8)]
            case 3:
                data[place:place] = data[place : place + source.randint(1, 30)]
            case 4:
                del data[place:]
            case _:
                data[place:place] = bytes(source.choices(range(256), k=source.randint(1, 8)))
    return data


@settings(max_examples=300, **quick)
@given(values, st.integers(0, 2**32))
def test_mutated_frames(value: Any, seed: int) -> None:
    try:
        original = encode(value, limits=TIGHT)
    except WireError:
        return
    source = random.Random(seed)
    for _ in range(40):
        survive(bytes(mutated(bytearray(original), source)), TIGHT)


@settings(max_examples=50, **quick)
@given(values)
def test_every_cut_of_a_frame_is_refused_or_whole(value: Any) -> None:
    """Only the padding at its end may be missing."""
    data = encode(value)
    for end in range(len(data)):
        try:
            decoded = decode(data[:end])
        except WireError:
            continue
        assert_same(decoded, decode(data))
        assert end > len(data) - 16
