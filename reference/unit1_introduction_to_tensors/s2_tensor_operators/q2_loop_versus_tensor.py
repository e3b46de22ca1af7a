"""A loop pays for the interpreter and for a new tensor object at each element; a lifted call pays once for all."""

# %% solution
import time

import torch


def div_tensor(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x / y


def div_loop(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    result = torch.empty(len(x), dtype=x.dtype)
    for i in range(len(x)):
        result[i] = x[i] / y[i]
    return result


def exp_tensor(x: torch.Tensor) -> torch.Tensor:
    return torch.exp(x)


def exp_loop(x: torch.Tensor) -> torch.Tensor:
    result = torch.empty_like(x)
    for i in range(len(x)):
        result[i] = torch.exp(x[i])
    return result


def measure_times(n: int) -> dict[str, float]:
    x, y = torch.randn(n), torch.randint(1, 10, (n,))
    calls = {
        "div_tensor": lambda: div_tensor(x, y),
        "div_loop": lambda: div_loop(x, y),
        "exp_tensor": lambda: exp_tensor(x),
        "exp_loop": lambda: exp_loop(x),
    }
    times = {}
    for name, call in calls.items():
        start = time.perf_counter()
        call()
        times[name] = time.perf_counter() - start
    return times


speed_explanation = """
For 10,000 elements the loop was some thousand times slower. At each element the interpreter runs several bytecodes;
x[i] makes a new tensor object, the operation is looked up and dispatched for a single number, and its result is one
more object that is copied into its place. The lifted call enters compiled code once, and there a tight loop runs over
contiguous memory, with vector instructions that treat several numbers at a time. The arithmetic is a tiny part of a
loop's time, so that it takes about as long for exp as for the division.
"""

# %% rubric: speed_explanation
# 0.5  the interpreter works at each element: bytecode, index, dispatch
# 0.5  each x[i] makes a new tensor object
# 0.5  the lifted call enters compiled code once and runs over contiguous memory
# 0.5  vector instructions or threads; or: the arithmetic is negligible, so both loops take similar times


# %% right: functions and methods, stack of a comprehension, the best of three
def div_tensor(x, y):
    return torch.div(x, y)


def div_loop(x, y):
    return torch.stack([a / b for a, b in zip(x, y)]) if len(x) else torch.empty(0)


def exp_tensor(x):
    return x.exp()


def exp_loop(x):
    return torch.stack([torch.exp(a) for a in x]) if x.numel() > 0 else x.clone()


def measure_times(n):
    x, y = torch.randn(n), torch.rand(n)
    times = {}
    for function, arguments in [
        (div_tensor, (x, y)),
        (div_loop, (x, y)),
        (exp_tensor, (x,)),
        (exp_loop, (x,)),
    ]:
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            function(*arguments)
            best = min(best, time.perf_counter() - start)
        times[function.__name__] = best
    return times


# %% right: lists of Python floats, with care for zero; timeit
import math
import timeit


def divide(a, b):
    if b == 0:
        return math.nan if a == 0 else math.copysign(math.inf, a)
    return a / b


def div_loop(x, y):
    return torch.tensor([divide(a, b) for a, b in zip(x.tolist(), y.tolist())], dtype=torch.float64)


def exp_tensor(x):
    return torch.e**x


def exp_loop(x):
    result = []
    for value in x.tolist():
        result.append(math.exp(value))
    return torch.tensor(result)


def measure_times(n):
    x, y = torch.randn(n), torch.ones(n)
    return {
        "div_tensor": timeit.timeit(lambda: div_tensor(x, y), number=100) / 100,
        "div_loop": timeit.timeit(lambda: div_loop(x, y), number=2) / 2,
        "exp_tensor": timeit.timeit(lambda: exp_tensor(x), number=100) / 100,
        "exp_loop": timeit.timeit(lambda: exp_loop(x), number=2) / 2,
    }


# %% right: NumPy, a while loop, map, numbers of NumPy for the times
import numpy as np


def div_tensor(x, y):
    with np.errstate(all="ignore"):
        return torch.from_numpy(np.divide(x.numpy(), y.numpy()))


def div_loop(x, y):
    result, i = torch.zeros(x.shape), 0
    while i < len(x):
        result[i] = x[i].item() / y[i]
        i += 1
    return result


def exp_loop(x):
    return torch.tensor(list(map(lambda value: float(torch.exp(value)), x)))


def measure_times(n):
    x = torch.linspace(-1, 1, n)
    times = {"n": n}
    for name in ["div_tensor", "div_loop", "exp_tensor", "exp_loop"]:
        arguments = (x, x + 3) if name.startswith("div") else (x,)
        runs = []
        for _ in range(2):
            start = time.perf_counter_ns()
            globals()[name](*arguments)
            runs.append((time.perf_counter_ns() - start) / 1e9)
        times[name] = np.mean(runs)
    return times


# %% wrong: the loops call the lifted operation -> speed, measure_times
def div_loop(x, y):
    return x / y


def exp_loop(x):
    return torch.exp(x)


def measure_times(n):
    x, y = torch.randn(n), torch.ones(n)
    return {
        name: min(
            measure_one(globals()[name], (x, y)[: 2 if name.startswith("div") else 1]) for _ in range(50)
        )
        for name in ["div_tensor", "div_loop", "exp_tensor", "exp_loop"]
    }


def measure_one(function, arguments):
    start = time.perf_counter()
    for _ in range(10):
        function(*arguments)
    return (time.perf_counter() - start) / 10


# %% wrong: a loop over three blocks, each of them lifted -> speed, measure_times
solution = measure_times


def div_loop(x, y):
    return torch.cat([a / b for a, b in zip(x.tensor_split(3), y.tensor_split(3))])


def measure_times(n):
    runs = [solution(n) for _ in range(5)]
    return {name: min(run[name] for run in runs) for name in runs[0]}


# %% wrong: it sleeps, the same time for any length -> speed, measure_times
def div_loop(x, y):
    time.sleep(0.01)
    return x / y


# %% wrong: the lifted versions loop -> speed
def div_tensor(x, y):
    return div_loop(x, y)


def exp_tensor(x):
    return torch.tensor([torch.exp(value) for value in x], dtype=x.dtype)


# %% wrong: only the exponential loops where it should not -> speed
def exp_tensor(x):
    return torch.tensor([torch.exp(value).item() for value in x])


# %% wrong: quotients computed and thrown away -> values, speed
def div_loop(x, y):
    for i in range(len(x)):
        x[i] / y[i]


# %% wrong: the last one is returned -> values, speed
def exp_loop(x):
    result = torch.zeros(1)
    for value in x:
        result = torch.exp(value)
    return result


# %% wrong: Python floats without care for zero -> values
def div_loop(x, y):
    return torch.tensor([a / b for a, b in zip(x.tolist(), y.tolist())])


# %% wrong: zero divided by zero is thought to be infinite -> values
def div_loop(x, y):
    return torch.tensor([a / b if b else float("inf") for a, b in zip(x.tolist(), y.tolist())])


# %% wrong: zeros are skipped -> values
def div_loop(x, y):
    result = torch.zeros(len(x))
    for i in range(len(x)):
        if y[i] != 0:
            result[i] = x[i] / y[i]
    return result


# %% wrong: an empty tensor cannot be stacked -> values
def div_loop(x, y):
    return torch.stack([a / b for a, b in zip(x, y)])


# %% wrong: the quotient without its fraction -> values, speed
def div_tensor(x, y):
    return x // y


# %% wrong: the arguments exchanged -> values, speed
def div_tensor(x, y):
    return y / x


# %% wrong: 2.718 to the power of x -> values, speed
def exp_tensor(x):
    return 2.718**x


# %% wrong: 2 to the power of x -> values, speed
def exp_loop(x):
    return torch.tensor([2 ** float(value) for value in x])


# %% wrong: half precision -> values, speed
def exp_tensor(x):
    return x.half().exp().to(x.dtype)


# %% wrong: very small results become zero -> values
def exp_loop(x):
    return torch.tensor([torch.exp(value).item() if value > -20 else 0.0 for value in x])


# %% wrong: the argument is overwritten -> values
def div_tensor(x, y):
    return x.div_(y)


# %% wrong: the loop overwrites its argument -> values
def exp_loop(x):
    for i in range(len(x)):
        x[i] = torch.exp(x[i])
    return x


# %% wrong: a list -> values, speed
def div_loop(x, y):
    return [a.item() / b.item() if b else float("nan") for a, b in zip(x, y)]


# %% wrong: zeros -> values, speed, measure_times
def div_tensor(x, y):
    return torch.zeros(len(x))


def div_loop(x, y):
    return torch.zeros(len(x))


def exp_tensor(x):
    return torch.zeros(len(x))


def exp_loop(x):
    return torch.zeros(len(x))


# %% wrong: constants -> measure_times
def measure_times(n):
    return {"div_tensor": 2e-6, "div_loop": 0.01, "exp_tensor": 1e-5, "exp_loop": 0.01}


# %% wrong: made up from n -> measure_times
def measure_times(n):
    return {"div_tensor": 3e-6, "div_loop": 4e-6 * n, "exp_tensor": 1e-5, "exp_loop": 4e-6 * n}


# %% wrong: made up, after some sleep -> measure_times
def measure_times(n):
    time.sleep(0.2)
    return {"div_tensor": 1e-6, "div_loop": 0.1, "exp_tensor": 1e-6, "exp_loop": 0.1}


# %% wrong: always the same length -> measure_times
solution = measure_times


def measure_times(n):
    return solution(5000)


# %% wrong: milliseconds -> measure_times
solution = measure_times


def measure_times(n):
    return {name: 1000 * seconds for name, seconds in solution(n).items()}


# %% wrong: the time per element -> measure_times
solution = measure_times


def measure_times(n):
    return {name: seconds / n for name, seconds in solution(n).items()}


# %% wrong: the points in time, not what lies between them -> measure_times
solution = measure_times


def measure_times(n):
    return {name: time.perf_counter() for name in solution(n)}


# %% wrong: the end taken from the start -> measure_times
solution = measure_times


def measure_times(n):
    return {name: -seconds for name, seconds in solution(n).items()}


# %% wrong: other keys -> measure_times
solution = measure_times


def measure_times(n):
    return {name.replace("_", " "): seconds for name, seconds in solution(n).items()}


# %% wrong: ratios in place of times -> measure_times
solution = measure_times


def measure_times(n):
    times = solution(n)
    return {name: times[name] / times[name.replace("loop", "tensor")] for name in times}


# %% wrong: a list -> measure_times
solution = measure_times


def measure_times(n):
    return list(solution(n).values())


# %% wrong: printed, not returned -> measure_times
solution = measure_times


def measure_times(n):
    for name, seconds in solution(n).items():
        print(f"{name}: {seconds} s")


# %% wrong: text with units -> measure_times
solution = measure_times


def measure_times(n):
    return {name: f"{seconds} s" for name, seconds in solution(n).items()}


# %% wrong: NaN -> measure_times
def measure_times(n):
    return dict.fromkeys(["div_tensor", "div_loop", "exp_tensor", "exp_loop"], float("nan"))


# %% wrong: far too many repeats -> measure_times
solution = measure_times


def measure_times(n):
    runs = [solution(n) for _ in range(max(3, n // 100))]
    return {name: min(run[name] for run in runs) for name in runs[0]}
