"""What comes back is data: nothing is unpickled, and no malformed message does harm."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.conftest import Attack, answers

PICKLES = """
import pickle, torch
class Bomb:
    def __reduce__(self): return (exec, ("open('MARK', 'w').write('x')",))
torch.save(Bomb(), "model.pt")
torch.save(Bomb(), "/tmp/model.pt")
bomb = Bomb()
"""


def test_nothing_is_unpickled_outside(attack: Attack, tmp_path: Path) -> None:
    """An object with ``__reduce__`` as an answer, a malicious ``.pt`` beside it, an exception that carries one."""
    told = attack(PICKLES, answers("bomb"), also=("1.3.2",))
    assert told.points["1.3.2"] == 0
    told = attack(
        PICKLES + "class Error(Exception):\n    __reduce__ = Bomb.__reduce__",
        answers("(_ for _ in ()).throw(Error(bomb))"),
        also=("1.3.2",),
    )
    assert told.points["1.3.2"] == 0
    # the fixture looks for a file of that name in the present folder and in others
    assert not list(tmp_path.rglob(f"*{attack.mark}*"))


REPLIES = {
    "JSON that is not": 'b"GRW1" + (9).to_bytes(4, "big") + b\'{"a": NaN\'',
    "deep": 'b"GRW1" + (200_001).to_bytes(4, "big") + b"[" * 200_001',
    "a huge integer": 'b"GRW1" + (10_000).to_bytes(4, "big") + b"9" * 10_000',
    "duplicate keys": 'b"GRW1" + (28).to_bytes(4, "big") + b\'{"reply": 1, "reply": 2     }\'',
    "rubbish": "bytes(range(256)) * 100",
    "a handle that was never given out": 'encode({"reply": {"value": {"handle": 10**6}, "error": None}})',
    "nothing": 'b""',
    "another message": 'encode({"finding": {"status": "passed", "points": 5}})',
}
FORGE = """
import gc, os
from grader.wire import Peer, encode
def forge(data):
    for peer in [thing for thing in gc.get_objects() if type(thing) is Peer]:
        for _ in range(3): peer.channel.send(data)
    os._exit(0)
"""


def test_malformed_replies_fail_the_check_and_nothing_else(attack: Attack) -> None:
    """From inside the worker, by its own connection: one after the other, each in a worker of its own.

    The decoder's own tests hold every way to be malformed.
    """
    replies = [f"forge({data})" for data in REPLIES.values()]
    for pair in zip(replies[::2], replies[1::2], strict=True):
        first, second = pair
        told = attack(FORGE, f"def to_3d(*args): {first}\ndef odd_slice(*args): {second}", also=("1.3.2",))
        assert told.points["1.3.2"] == 0, pair
        assert told.grade["points"] == 10, pair
