"""The data format between the trusted side and a worker: frames of JSON and raw bytes, never pickle.

Both sides import this package and it imports nothing else of the project. Decoding builds plain data
only: it cannot call, import or execute anything, whatever the bytes are.
"""

from grader.wire.channel import Channel, ChannelClosed, ChannelTimeout
from grader.wire.codec import DEFAULT_LIMITS, Limits, Unencodable, WireError
from grader.wire.decoder import decode
from grader.wire.encoder import encode
from grader.wire.peer import Peer

__all__ = [
    "DEFAULT_LIMITS",
    "Channel",
    "ChannelClosed",
    "ChannelTimeout",
    "Limits",
    "Peer",
    "Unencodable",
    "WireError",
    "decode",
    "encode",
]
