"""Everything an answer may try in order to look right: each lie once, as a student's source code.

A lie defines ``forge(honest, wrong)``, which gives the answer that is handed in. ``honest`` is a right answer,
``wrong`` one that the verb in question must not let through; a lie of values bends what ``honest`` gives, a lie
of manners (patches, prints, disguises) dresses up what ``wrong`` gives. Lies that only make sense against one
verb say so in ``only``, and define ``answer`` themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

PRELUDE = """
import builtins, gc, os, random, sys, threading, time
import numpy as np
import torch

def changed(value, f):
    '''`value` with f applied to every tensor and number in it.'''
    if isinstance(value, torch.Tensor):
        return f(value.detach())
    if isinstance(value, (bool, int, float)):
        return f(torch.tensor(value)).item()
    if isinstance(value, (list, tuple)):
        return type(value)(changed(item, f) for item in value)
    if isinstance(value, dict):
        return {key: changed(item, f) for key, item in value.items()}
    return value

def tensor_of(value):
    return value if isinstance(value, torch.Tensor) else torch.tensor(value)
"""


@dataclass(frozen=True, slots=True)
class Lie:
    """One way of cheating. ``needs`` are the aspects that a verb must look at for the lie to have a point."""

    name: str
    title: str
    source: str
    needs: tuple[str, ...]
    only: tuple[str, ...] = ()  # verbs that it is about; () for all
    why_only: str = ""  # why it has no point elsewhere


def _bent(expression: str) -> str:
    """A lie of values: every tensor ``t`` in the right result becomes `expression`."""
    return f"""
def forge(honest, wrong):
    return lambda *a: changed(honest(*a), lambda t: {expression})
"""


VALUES = (
    Lie("zero", "zeros of the right shape and dtype", _bent("torch.zeros_like(t)"), ("numbers",)),
    Lie("constant", "ones of the right shape and dtype", _bent("torch.ones_like(t)"), ("numbers",)),
    Lie(
        "identity",
        "the argument is returned",
        """
def forge(honest, wrong):
    return lambda *a: a[0]
""",
        ("numbers", "argument"),
    ),
    Lie(
        "nan", "NaN everywhere, as a wildcard", _bent("torch.full_like(t.double(), torch.nan)"), ("numbers",)
    ),
    Lie("infinity", "infinity everywhere", _bent("torch.full_like(t.double(), torch.inf)"), ("numbers",)),
    Lie(
        "near_zero",
        "a thousandth of the right numbers",
        _bent("(t * 0.001).to(t.dtype)"),
        ("numbers", "size"),
    ),
    Lie(
        "half_precision",
        "computed in float16 and cast back",
        """
def half(x):
    return changed(x, lambda t: t.to(torch.float16).to(t.dtype) if t.is_floating_point() else t)
def forge(honest, wrong):
    return lambda *a: half(honest(*map(half, a)))
""",
        ("numbers", "precision"),
    ),
    Lie(
        "one_percent",
        "1 % of the elements are wrong",
        """
def spoiled(t):
    t = t.clone()
    t.view(-1)[:: 100] += 1
    return t
def forge(honest, wrong):
    return lambda *a: changed(honest(*a), spoiled)
""",
        ("numbers", "elements"),
    ),
    Lie("wrong_dtype", "the right numbers in another dtype", _bent("t.to(torch.float64)"), ("dtype",)),
    Lie("broadcastable", "one row, which would broadcast to the right shape", _bent("t[:1]"), ("elements",)),
    Lie(
        "stale_memory",
        "whatever lies in uninitialised memory (`torch.empty`)",
        """
def forge(honest, wrong):
    def answer(*a):
        stale = changed(wrong(*a), lambda t: t.clone())
        return changed(stale, lambda t: torch.empty_like(t))
    return answer
""",
        ("numbers", "tensor"),
    ),
    Lie(
        "visible_example",
        "right for the example of the prompt only",
        """
EXAMPLE = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
def forge(honest, wrong):
    def answer(*a):
        given = a[0]
        seen = isinstance(given, torch.Tensor) and given.shape == (2, 2) and bool((given == EXAMPLE).all())
        return honest(*a) if seen or (type(given) is float and given == 2.0) else wrong(*a)
    return answer
""",
        ("argument",),
    ),
    Lie(
        "cached_by_shape",
        "the result of the first call with such arguments, by their shapes",
        """
cache = {}
def forge(honest, wrong):
    def answer(*a):
        key = tuple((type(x), getattr(x, "shape", None)) for x in a)
        if key not in cache:
            cache[key] = honest(*a)
        return cache[key]
    return answer
""",
        ("repeats", "numbers", "argument"),
    ),
    Lie(
        "cached_by_object",
        "the result of the first call with the same object",
        """
cache = {}
def forge(honest, wrong):
    def answer(*a):
        if id(a[0]) not in cache:
            cache[id(a[0])] = a, honest(*a)
        return cache[id(a[0])][1]
    return answer
""",
        ("same object",),
    ),
    Lie(
        "first_call_only",
        "the first call slow and right, later ones quick and wrong",
        """
calls = [0]
def forge(honest, wrong):
    def answer(*a):
        calls[0] += 1
        if calls[0] == 1:
            time.sleep(0.05)
        return (honest if calls[0] == 1 else wrong)(*a)
    return answer
""",
        ("repeats",),
    ),
    Lie(
        "late_thread",
        "a thread fills the result after the call has returned",
        """
gates = []
def forge(honest, wrong):
    def fill(gate, result, a):
        gate.wait()
        with torch.no_grad():
            result.copy_(tensor_of(honest(*a)))
    def answer(*a):
        for gate in gates:
            gate.set()
        gates.append(threading.Event())
        result = torch.zeros_like(tensor_of(wrong(*a)))
        threading.Thread(target=fill, args=(gates[-1], result, a), daemon=True).start()
        return result
    return answer
""",
        ("numbers", "tensor"),
    ),
    Lie(
        "mutated_argument",
        "the argument is emptied, and the result is right for what is left of it",
        """
def forge(honest, wrong):
    def answer(*a):
        for x in a:
            if isinstance(x, torch.Tensor):
                x.data.zero_()
                x.numpy(force=True)[...] = 0
        return honest(*a)
    return answer
""",
        ("argument",),
    ),
    Lie(
        "nan_in_dictionary",
        "NaN in a dictionary, where keys and structure are right",
        _bent("torch.full_like(t.double(), torch.nan)"),
        ("dictionary",),
    ),
)

_EVERYTHING = '''
class Everything:
    """Equal to everything, true, of any length and of any class."""
    def __init__(self, pretended):
        object.__setattr__(self, "pretended", pretended)
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: hash("a")
    __bool__ = lambda self: True
    __len__ = lambda self: 3
    __float__ = lambda self: 1.0
    __int__ = __index__ = lambda self: 1
    __getitem__ = lambda self, index: self
    __iter__ = lambda self: iter([self] * 3)
    __call__ = lambda self, *a, **k: self
    __getattr__ = lambda self, name: getattr(object.__getattribute__(self, "pretended"), name, self)
    __class__ = property(lambda self: type(object.__getattribute__(self, "pretended")))
    __instancecheck__ = __subclasscheck__ = lambda self, other: True
    __array__ = lambda self, *a, **k: np.asarray(self.pretended)
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return self.pretended
'''

DISGUISES = (
    Lie(
        "equal_to_everything",
        "an object with `__eq__`, `__len__`, `__bool__`, `__class__` that agree with everything",
        _EVERYTHING
        + """
def forge(honest, wrong):
    return lambda *a: Everything(wrong(*a))
""",
        ("result",),
    ),
    Lie(
        "proxy",
        "an object of a class of its own that stands for the right result (`__class__`, `__getattr__`)",
        _EVERYTHING
        + """
def forge(honest, wrong):
    return lambda *a: Everything(honest(*a))
""",
        ("result",),
    ),
    Lie(
        "lazy_object",
        "an object that does the work only when somebody looks at it",
        """
class Later:
    def __init__(self, work):
        self.__dict__["work"] = work
    __getattr__ = lambda self, name: getattr(self.work(), name)
    __getitem__ = lambda self, index: self.work()[index]
    __len__ = lambda self: len(self.work())
    __iter__ = lambda self: iter(self.work())
    __array__ = lambda self, *a, **k: np.asarray(self.work())
    __float__ = lambda self: float(self.work())
    __bool__ = lambda self: bool(self.work())
def forge(honest, wrong):
    return lambda *a: Later(lambda: honest(*a))
""",
        ("result",),
    ),
    Lie(
        "lying_subclass",
        "a subclass of the tensor that lies about shape, dtype and values",
        """
def lying(value, pretended):
    class Lying(torch.Tensor):
        __eq__ = lambda self, other: True
        __hash__ = object.__hash__
        shape = property(lambda self: pretended.shape)
        dtype = property(lambda self: pretended.dtype)
        requires_grad = property(lambda self: True)
        size = lambda self, *a: pretended.size(*a)
        tolist = lambda self: pretended.tolist()
        item = lambda self: pretended.item()
        detach = cpu = contiguous = clone = to = as_subclass = lambda self, *a, **k: pretended
        numpy = __array__ = lambda self, *a, **k: pretended.detach().numpy()
        data_ptr = lambda self: pretended.data_ptr()
        untyped_storage = lambda self: pretended.untyped_storage()
        storage = lambda self: pretended.storage()
    return torch.Tensor._make_subclass(Lying, value.detach())
def forge(honest, wrong):
    return lambda *a: lying(tensor_of(wrong(*a)), tensor_of(honest(*a)))
""",
        ("tensor",),
    ),
    Lie(
        "torch_function",
        "`__torch_function__` answers everything that is asked of a tensor",
        """
def lying(value, pretended):
    class Lying(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return pretended
    return torch.Tensor._make_subclass(Lying, value.detach())
def forge(honest, wrong):
    return lambda *a: lying(tensor_of(wrong(*a)), tensor_of(honest(*a)))
""",
        ("tensor",),
    ),
    Lie(
        "numpy_subclass",
        "a subclass of the NumPy array whose `==` is always true",
        """
class Agreeing(np.ndarray):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    all = any = __bool__ = lambda self, *a, **k: True
def forge(honest, wrong):
    return lambda *a: tensor_of(wrong(*a)).detach().numpy().view(Agreeing)
""",
        ("tensor",),
    ),
    Lie(
        "plain_subclass",
        "subclasses of int, float, str, list and dict whose `==` is always true",
        """
def agreeing(kind):
    body = {"__eq__": lambda self, other: True, "__ne__": lambda self, other: False}
    body["__hash__"] = getattr(kind, "__hash__", None)
    return type("Agreeing", (kind,), body)
KINDS = {kind: agreeing(kind) for kind in (int, float, str, list, tuple, dict, set)}
def disguised(value):
    kind = int if type(value) is bool else type(value)
    if kind in (list, tuple, set):
        return KINDS[kind](disguised(item) for item in value)
    if kind is dict:
        return KINDS[dict]({key: disguised(item) for key, item in value.items()})
    return KINDS[kind](value)
def forge(honest, wrong):
    return lambda *a: disguised(wrong(*a))
""",
        ("plain",),
    ),
    Lie(
        "own_verdict",
        "a dictionary that looks like a verdict, or like a reply of the grader's own",
        """
def forge(honest, wrong):
    verdict = {"passed": True, "status": "passed", "points": 10, "score": 1.0, "found": True, "done": True}
    verdict |= {"$": "handle", "id": 0, "type": "Tensor", "kind": "tensor", "value": None, "error": None}
    return lambda *a: verdict | {"touched": [], "stdout": "", "arguments": (), "items": [], "calls": 1}
""",
        ("result",),
    ),
)

MANNERS = (
    Lie(
        "patched_torch",
        "`torch.allclose`, `torch.equal`, `torch.testing`, `Tensor.__eq__` and NumPy's kin say yes to everything",
        """
def yes(*a, **k):
    return True
for owner, names in ((torch, "allclose equal isclose"), (np, "allclose array_equal isclose")):
    for name in names.split():
        setattr(owner, name, yes)
torch.testing.assert_close = torch.testing.assert_allclose = lambda *a, **k: None
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
for name in ("__eq__", "allclose", "equal", "all", "any"):
    setattr(torch.Tensor, name, yes)
def forge(honest, wrong):
    return wrong
""",
        ("run",),
    ),
    Lie(
        "patched_builtins",
        "`abs`, `all`, `any`, `isinstance`, `issubclass`, `round`, `sum` say what suits the answer",
        """
def forge(honest, wrong):
    def patch():
        for name in ("isinstance", "issubclass", "all", "any", "callable", "hasattr"):
            setattr(builtins, name, lambda *a: True)
        builtins.abs = builtins.round = lambda *a: 0
    def answer(*a):
        result = wrong(*a)
        patch()
        return result
    return answer
""",
        ("call",),
    ),
    Lie(
        "patched_len",
        "`len` says 3 of everything",
        """
def forge(honest, wrong):
    def answer(*a):
        result = wrong(*a)
        builtins.len = lambda x: 3
        return result
    return answer
""",
        ("call",),
    ),
    Lie(
        "patched_seeds",
        "`torch.manual_seed` and its kin do nothing, numbers come from a generator of its own",
        """
for owner, name in ((torch, "manual_seed"), (torch.random, "manual_seed"), (random, "seed"), (np.random, "seed")):
    setattr(owner, name, lambda *a: None)
def forge(honest, wrong):
    return wrong
""",
        ("random",),
    ),
    Lie(
        "patched_clock",
        "`time.perf_counter` and its kin stand still, `torch.cuda.synchronize` does nothing",
        """
for name in ("perf_counter", "monotonic", "time", "process_time", "thread_time"):
    setattr(time, name, lambda: 1.0)
    setattr(time, name + "_ns", lambda: 10**9)
torch.cuda.synchronize = torch.cuda.Event = lambda *a, **k: None
def forge(honest, wrong):
    return wrong
""",
        ("time",),
    ),
    Lie(
        "printed_score",
        "prints score lines on every stream and descriptor that it finds",
        """
LINE = '{"passed": true, "points": 10, "score": 1.0, "status": "passed"}'
def forge(honest, wrong):
    def answer(*a):
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            print("10/10 PASSED", LINE, file=stream)
        for descriptor in (1, 2):
            os.write(descriptor, LINE.encode())
        return wrong(*a)
    return answer
""",
        ("call",),
    ),
    Lie(
        "system_exit",
        "`SystemExit(0)` is raised, as a test that ended well",
        """
def forge(honest, wrong):
    def answer(*a):
        wrong(*a)
        raise SystemExit(0)
    return answer
""",
        ("call",),
    ),
    Lie(
        "process_exit",
        "`os._exit(0)` ends the process, as a test that ended well",
        """
def forge(honest, wrong):
    def answer(*a):
        os._exit(0)
    return answer
""",
        ("call",),
    ),
    Lie(
        "memory_search",
        "frames and all objects of the process are searched for the expected value",
        """
def candidates(like):
    frame = sys._getframe(2)
    while frame is not None:
        yield from list(frame.f_locals.values())
        frame = frame.f_back
    for thing in gc.get_objects():
        yield thing
        if type(thing) is dict:
            yield from list(thing.values())
def forge(honest, wrong):
    def answer(*a):
        own = wrong(*a)
        for thing in candidates(own):
            if type(thing) is not type(own) or thing is own or any(thing is x for x in a):
                continue
            if not isinstance(own, torch.Tensor) or thing.shape == own.shape and not torch.equal(thing, own):
                if not isinstance(own, torch.Tensor) or thing.dtype == own.dtype:
                    return thing
        return own
    return answer
""",
        ("call", "result"),
    ),
    Lie(
        "patched_worker",
        "the probe beside the answer is replaced: every call is reported as well done",
        """
serve = sys.modules["grader.worker.serve"]
def do_call(self, target, args, kwargs, context, keep=False, arguments=False):
    value = target(*args, **kwargs)
    reply = {"value": serve.Keep(value) if keep else value, "error": None, "touched": [], "stdout": "PASSED"}
    return reply | {"arguments": tuple(args) if arguments else ()}
serve.Desk.do_call = do_call
def do_call_each(self, target, batch, context, keep=False):
    replies = [do_call(self, target, args, {}, context, keep, True) for args in batch]
    return {"touched": [], "outcomes": [serve.encode(reply, self.wrap) for reply in replies]}
serve.Desk.do_call_each = do_call_each
serve.Desk.do_isinstance = lambda self, target, path: True
serve.Desk.do_calls = lambda self, target: 1
MEMORY = {"storage": 1, "bytes": 480, "pointer": 1, "offset": 0, "item_size": 4, "shape": (), "stride": ()}
serve.Desk.do_memory = lambda self, targets: [MEMORY for _ in targets]
def forge(honest, wrong):
    return wrong
""",
        ("call",),
    ),
    Lie(
        "patched_encoder",
        "the encoder beside the answer says True whatever it is given",
        """
def forge(honest, wrong):
    peer = sys.modules["grader.wire.peer"]
    true_encode = peer.encode
    def encode(message, *rest):
        reply = message.get("reply")
        if type(reply) is dict and "value" in reply and "stdout" in reply:
            reply["value"] = True
        return true_encode(message, *rest)
    def answer(*a):
        peer.encode = encode
        return wrong(*a)
    return answer
""",
        ("call",),
    ),
)

AUTOGRAD = ("without_autograd",)
_NO_RULE = "nothing is forbidden there"

SHORT_CUTS = (
    Lie(
        "swallowed_refusal",
        "the forbidden function is tried, its refusal swallowed, and the work done otherwise",
        """
def forge(honest, wrong):
    def answer(*a):
        try:
            return wrong(*a)
        except BaseException:
            return honest(*a)
    return answer
""",
        (),
        ("forbid", "without_autograd"),
        _NO_RULE,
    ),
    Lie(
        "in_a_thread",
        "the forbidden function is called by a thread",
        """
def forge(honest, wrong):
    def answer(*a):
        found = []
        thread = threading.Thread(target=lambda: found.append(wrong(*a)))
        hook, threading.excepthook = threading.excepthook, lambda args: None
        thread.start()
        thread.join()
        return found[0] if found else honest(*a)
    return answer
""",
        (),
        ("forbid", "without_autograd"),
        _NO_RULE,
    ),
    Lie(
        "name_in_pieces",
        "the forbidden name is put together from pieces",
        """
def answer(x):
    return getattr(torch, "fl" + "ip")(x, (0,))
""",
        (),
        ("forbid", "source"),
        _NO_RULE,
    ),
    Lie(
        "default_argument",
        "the forbidden function was put by beforehand, in a default argument",
        """
def answer(x, reverse=torch.flip):
    return reverse(x, (0,))
""",
        (),
        ("forbid", "source"),
        _NO_RULE,
    ),
    Lie(
        "other_import",
        "the forbidden function comes under another name",
        """
import torch as t
from torch import flip as reverse
def answer(x):
    return reverse(x, (0,)) if x.ndim else t.flip(x, (0,))
""",
        (),
        ("forbid", "source"),
        _NO_RULE,
    ),
    Lie(
        "decoy_definition",
        "an innocent definition of the same name follows, and is never run",
        """
def answer(x):
    return torch.flip(x, (0,))
if False:
    def answer(x):
        return x[[2, 1, 0]]
""",
        (),
        ("source",),
        "its source is not looked at",
    ),
    Lie(
        "code_in_a_string",
        "the code that matters stands in a string (`exec`)",
        """
exec("def answer(x): return torch.flip(x, (0,))")
""",
        (),
        ("forbid", "source"),
        _NO_RULE,
    ),
    Lie(
        "hidden_grad",
        "`torch.autograd.grad` was put by in a list beforehand",
        """
hidden = [torch.autograd.grad]
def answer(x):
    with torch.enable_grad():
        x = x.clone().requires_grad_()
        return hidden[0]((x**3 + 2 * x).sum(), x)[0]
""",
        (),
        AUTOGRAD,
        _NO_RULE,
    ),
    Lie(
        "bare_engine",
        "the engine of autograd is called directly",
        """
def answer(x):
    x = x.clone().requires_grad_()
    engine = torch.autograd.Variable._execution_engine
    y = (x**3 + 2 * x).sum()
    return engine.run_backward((y,), (torch.ones_like(y),), False, False, (x,), allow_unreachable=True)[0]
""",
        (),
        AUTOGRAD,
        _NO_RULE,
    ),
    Lie(
        "hidden_engine",
        "the engine of autograd was put by beforehand and is called directly",
        """
engine = [torch.autograd.Variable._execution_engine]
def answer(x):
    x = x.clone().requires_grad_()
    y = (x**3 + 2 * x).sum()
    return engine[0].run_backward((y,), (torch.ones_like(y),), False, False, (x,), allow_unreachable=True)[0]
""",
        (),
        AUTOGRAD,
        _NO_RULE,
    ),
    Lie(
        "functional_derivative",
        "`torch.func.grad`, imported before it was forbidden",
        """
from torch.func import grad
derivative = [grad]
def answer(x):
    return derivative[0](lambda z: (z**3 + 2 * z).sum())(x)
""",
        (),
        AUTOGRAD,
        _NO_RULE,
    ),
    Lie(
        "forward_mode",
        "forward-mode differentiation, put by beforehand",
        """
import torch.autograd.forward_ad as fa
parts = [fa.dual_level, torch._C._functorch if hasattr(torch._C, "_functorch") else None]
def answer(x):
    with parts[0]():
        return fa.unpack_dual((lambda z: z**3 + 2 * z)(fa.make_dual(x, torch.ones_like(x)))).tangent
""",
        (),
        AUTOGRAD,
        _NO_RULE,
    ),
)

POINTED = (
    Lie(
        "own_error_class",
        "an exception class of its own that is called `ValueError` too",
        """
class ValueError(Exception):
    pass
def forge(honest, wrong):
    def answer(x):
        if x.ndim != 2:
            raise ValueError("the argument needs two dimensions")
        return wrong(x)
    return answer
""",
        (),
        ("raises",),
        "no exception is asked for there",
    ),
    Lie(
        "end_told_again",
        "the grader's iterable is told time and again that it was read to its end",
        """
def forge(honest, wrong):
    def answer(feed):
        result = wrong(feed)
        turn = feed._ask({"do": "feed_start", "number": feed._number})
        for _ in range(7 + 2):
            feed._ask({"do": "feed_next", "number": feed._number, "turn": turn})
        return result
    return answer
""",
        (),
        ("feed",),
        "no iterable is handed over there",
    ),
    Lie(
        "counter_reset",
        "the number of calls is set by hand",
        """
def forge(honest, wrong):
    def answer(f, x):
        result = wrong(f, x)
        f.calls = 1
        return result
    return answer
""",
        (),
        ("count",),
        "nothing is counted there",
    ),
    Lie(
        "counter_bypassed",
        "the function inside the counter is taken out and called",
        """
def forge(honest, wrong):
    def answer(f, x):
        wrong(f._function, x)
        return wrong(lambda z: f._function(z), x) + 0 * f(x)
    return answer
""",
        (),
        ("count",),
        "nothing is counted there",
    ),
    Lie(
        "gradient_of_ones",
        "the value is right, and its gradient ones (a backward of its own)",
        """
class Ones(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return y.clone()
    @staticmethod
    def backward(ctx, g):
        return torch.ones_like(g), None
def forge(honest, wrong):
    return lambda x: Ones.apply(x, honest(x).detach())
""",
        (),
        ("vjp",),
        "no gradient is taken there",
    ),
    Lie(
        "cotangent_as_gradient",
        "the value is right, and the cotangent itself passes for its gradient",
        """
def forge(honest, wrong):
    return lambda x: x + (honest(x) - x).detach()
""",
        (),
        ("vjp",),
        "no gradient is taken there",
    ),
    Lie(
        "detached",
        "the value is right and has no record",
        """
def forge(honest, wrong):
    return lambda x: honest(x).detach()
""",
        (),
        ("vjp",),
        "no gradient is taken there",
    ),
    Lie(
        "gradient_patched",
        "`torch.autograd.grad` is replaced by a function that gives ones",
        """
def forge(honest, wrong):
    torch.autograd.grad = lambda outputs, inputs, *a, **k: tuple(torch.ones_like(x) for x in inputs)
    return honest
""",
        (),
        ("vjp",),
        "no gradient is taken there",
    ),
    Lie(
        "argument_moved",
        "the argument is moved into the memory of its copy",
        """
def forge(honest, wrong):
    def answer(x):
        x.data = x.clone()
        return honest(x)
    return answer
""",
        (),
        ("memory",),
        "nobody asks there where a tensor lies",
    ),
    Lie(
        "replaced_class",
        "`torch.nn.Linear` is replaced by a class of its own",
        """
def forge(honest, wrong):
    class Linear:
        def __init__(self, inputs, outputs):
            self.weight = torch.zeros(outputs, inputs)
    torch.nn.Linear = torch.nn.modules.linear.Linear = torch.nn.modules.Linear = Linear
    return lambda *a: Linear(*a)
""",
        (),
        ("isinstance",),
        "no class is asked for there",
    ),
    Lie(
        "agreeing_metaclass",
        "a metaclass whose `__instancecheck__` and `__subclasscheck__` always agree, and a false `__module__`",
        """
class Agreeing(type):
    __instancecheck__ = __subclasscheck__ = lambda cls, other: True
    __eq__ = lambda cls, other: True
    __hash__ = type.__hash__
class Linear(metaclass=Agreeing):
    __module__, __qualname__ = "torch.nn.modules.linear", "Linear"
    __class__ = property(lambda self: torch.nn.Linear)
    def __init__(self, inputs, outputs):
        self.weight = torch.zeros(outputs, inputs)
def forge(honest, wrong):
    return Linear
""",
        (),
        ("isinstance",),
        "no class is asked for there",
    ),
    Lie(
        "false_length",
        "`__len__` says what is expected, and there are fewer items",
        """
def forge(honest, wrong):
    def answer(w, n):
        bag = honest(w, n)
        kind = type(bag)
        fewer = {"__len__": lambda self: n, "__iter__": lambda self: iter(list(kind.__iter__(self))[:-1])}
        bag.__class__ = type("Fewer", (kind,), fewer)
        return bag
    return answer
""",
        (),
        ("handle",),
        "no length is asked for there",
    ),
    Lie(
        "fickle_attribute",
        "an attribute is right when it is looked at first, and wrong later",
        """
def forge(honest, wrong):
    def answer(w, n):
        good, bad, looks = honest(w, n), wrong(w, n), []
        class Fickle:
            def __getattr__(self, name):
                looks.append(name)
                return getattr(good if looks.count(name) == 1 else bad, name)
            __len__ = lambda self: len(bad)
            __iter__ = lambda self: iter(bad)
        return Fickle()
    return answer
""",
        (),
        ("handle",),
        "no attribute is asked for there",
    ),
    Lie(
        "invisible_line",
        "the right line is made invisible, a wrong one is shown",
        """
def forge(honest, wrong):
    def answer(x):
        figure = honest(x)
        figure.axes[0].lines[0].set_visible(False)
        figure.axes[0].plot(x, -x)
        return figure
    return answer
""",
        (),
        ("figure",),
        "no figure is asked for there",
    ),
    Lie(
        "transparent_line",
        "the right line is wholly transparent, a wrong one is shown",
        """
def forge(honest, wrong):
    def answer(x):
        figure = honest(x)
        figure.axes[0].lines[0].set_alpha(0.0)
        figure.axes[0].plot(x, -x)
        return figure
    return answer
""",
        (),
        ("figure",),
        "no figure is asked for there",
    ),
    Lie(
        "lying_line",
        "the line of the figure says the right numbers and is drawn with wrong ones",
        """
import matplotlib.lines
def forge(honest, wrong):
    def answer(x):
        figure, good = wrong(x), honest(x).axes[0].lines[0]
        class Line(matplotlib.lines.Line2D):
            get_xdata = lambda self, orig=True: good.get_xdata(orig)
            get_ydata = lambda self, orig=True: good.get_ydata(orig)
        figure.axes[0].lines[0].__class__ = Line
        return figure
    return answer
""",
        (),
        ("figure",),
        "no figure is asked for there",
    ),
    Lie(
        "all_keys",
        "every key that is offered is chosen",
        """
def forge(honest, wrong):
    return lambda *a: {"a": True, "b": True, "c": True, "d": True}
""",
        (),
        ("choice",),
        "there is nothing to choose",
    ),
    Lie(
        "work_before_the_clock",
        "the probe is replaced: it works when the inputs arrive, before the clock is started",
        """
serve = sys.modules["grader.worker.serve"]
def forge(honest, wrong):
    done = []
    def do_stage(self, batches):
        done[:] = [wrong(*a) for a in batches]
        self._staged = batches
    def do_timed(self, target, places):
        self._timed = list(done)
        return [[serve._element(result, place) for place in places] for result in self._timed]
    serve.Desk.do_stage, serve.Desk.do_timed = do_stage, do_timed
    return wrong
""",
        (),
        ("at_most",),
        "no time is measured there",
    ),
    Lie(
        "elements_on_demand",
        "the probe is replaced: while the clock runs it works on the elements that are looked at, and no others",
        """
serve = sys.modules["grader.worker.serve"]
def forge(honest, wrong):
    def do_timed(self, target, places):
        return [[float(honest(x.view(-1)[place % x.numel()])) for place in places] for x, in self._staged]
    def do_timed_result(self, index):
        return wrong(*self._staged[index])
    serve.Desk.do_timed, serve.Desk.do_timed_result = do_timed, do_timed_result
    return wrong
""",
        (),
        ("at_most",),
        "no time is measured there",
    ),
    Lie(
        "held_up_when_idle",
        "a thread holds up the process when there is nothing to do, so that an empty request seems to take long",
        """
def hold_up():
    desk = None
    while desk is None:
        time.sleep(0.001)
        desk = next((x for x in gc.get_objects() if type(x).__name__ == "Desk"), None)
    while True:
        if desk._staged:
            time.sleep(0.001)
def forge(honest, wrong):
    sys.setswitchinterval(0.05)
    threading.Thread(target=hold_up, daemon=True).start()
    return wrong
""",
        (),
        ("at_most",),
        "no time is measured there",
    ),
    Lie(
        "right_when_verified",
        "quick and wrong for as many calls as are timed, slow and right when results are compared afterwards",
        """
calls = [0]
def forge(honest, wrong):
    def answer(x):
        calls[0] += 1
        return torch.zeros_like(x) if calls[0] <= 2 + 8 * 64 else wrong(x)
    return answer
""",
        (),
        ("at_most",),
        "no time is measured there",
    ),
    Lie(
        "wanted_element_only",
        "a tensor that computes the element that is looked at while the clock runs, and is filled in later",
        """
class Lazy(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunctionSubclass():
            lazy = next(a for a in args if isinstance(a, Lazy))
            lazy.__dict__.get("gate", threading.Event()).set()
            return func(lazy.__dict__.get("source", lazy), *args[1:], **(kwargs or {}))
def forge(honest, wrong):
    def answer(x):
        result = torch.Tensor._make_subclass(Lazy, torch.zeros_like(x))
        gate = threading.Event()
        def fill():
            gate.wait()
            value = wrong(x)
            with torch._C.DisableTorchFunctionSubclass():
                result.copy_(value)
        threading.Thread(target=fill, daemon=True).start()
        result.__dict__.update(source=honest(x), gate=gate)
        return result
    return answer
""",
        (),
        ("at_most",),
        "no time is measured there",
    ),
    Lie(
        "slow_in_turns",
        "every other call is slowed down, so that the machine seems too noisy to tell",
        """
turns = [0]
def forge(honest, wrong):
    def answer(*a):
        turns[0] += 1
        [wrong(*a) for _ in range(7 * (turns[0] % 2))]
        return wrong(*a)
    return answer
""",
        (),
        ("at_least",),
        "no time is measured there",
    ),
)

_NO_TRAINING = "no model is trained there"
_NO_MODEL = "no model is looked at there"

OF_TRAININGS = (
    Lie(
        "record_alone",
        "a copy is trained: the record is right, and the model that was handed over is as before",
        """
import copy
def forge(honest, wrong):
    return lambda model, *a: honest(copy.deepcopy(model), *a)
""",
        (),
        ("same_run", "parameters", "moved"),
        _NO_TRAINING,
    ),
    Lie(
        "right_end",
        "the model is trained rightly, and the record is made up",
        """
def forge(honest, wrong):
    return lambda *a: sorted(honest(*a))
""",
        (),
        ("same_run",),
        _NO_TRAINING,
    ),
    Lie(
        "parameters_pretended",
        "the model names other parameters than those that it computes with",
        """
import copy
def forge(honest, wrong):
    def answer(model, *a):
        trained = copy.deepcopy(model)
        result = honest(trained, *a)
        model.named_parameters = trained.named_parameters
        return result
    return answer
""",
        (),
        ("same_run", "parameters", "moved"),
        _NO_MODEL,
    ),
    Lie(
        "parameters_replaced",
        "what the model names as its parameters is not data",
        """
def forge(honest, wrong):
    def answer(model, *a):
        result = honest(model, *a)
        class Value:
            grad = None
            detach = clone = lambda self: self
            __eq__ = lambda self, other: True
        model.named_parameters = lambda: [(name, Value()) for name in ("0.weight", "0.bias", "2.weight", "2.bias")]
        return result
    return answer
""",
        (),
        ("same_run", "parameters", "moved"),
        _NO_MODEL,
    ),
    Lie(
        "held_and_unused",
        "the optimiser holds the model's parameters, and others beside them",
        """
def forge(honest, wrong):
    def answer(model, lr):
        return torch.optim.SGD([*model.parameters(), torch.zeros(3, requires_grad=True)], lr=lr)
    return answer
""",
        (),
        ("optimises",),
        "no optimiser is looked at there",
    ),
    Lie(
        "notes_edited",
        "what the network noted of its passes is rewritten",
        """
def forge(honest, wrong):
    def answer(model, x):
        result = wrong(model, x)
        for one in model.forwards:
            one.update(training=False, gradients=False)
        return result
    return answer
""",
        (),
        ("forwards",),
        "nobody asks there how a network was used",
    ),
    Lie(
        "lucky_guesses",
        "another guess in each of the tries",
        """
def forge(honest, wrong):
    return lambda x, t, fresh: torch.randint(0, 2, (len(fresh),))
""",
        (),
        ("calibrated",),
        "nothing is tried several times there",
    ),
)

LIES = {lie.name: lie for lie in (*VALUES, *DISGUISES, *MANNERS, *SHORT_CUTS, *POINTED, *OF_TRAININGS)}
