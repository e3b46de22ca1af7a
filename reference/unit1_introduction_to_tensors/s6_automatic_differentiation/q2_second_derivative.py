"""Differentiate n times and record every step; a derivative without a record is constant, and the next one is zero.

`torch.autograd.grad` returns the derivative and leaves every `.grad` alone, so nothing has to be reset. For
z = x**2 + x: t is 2x + 1; the second backward adds 2 to what x.grad holds, which is nothing (None), the 2x + 1 of t
itself (no reset), or 0 (zero_ wipes t as well, and the derivative of a constant 0 adds nothing).
"""

# %% solution
import torch

grad_after_second = 2.0
grad_with_zero_ = 0.0


def grad_without_reset(x0):
    return (2 * x0 + 1) + 2


def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return torch.zeros_like(x0)
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()


second_derivative_explanation = """
After the first call x.grad is 2x + 1 = 5, and because of create_graph=True this derivative has a record of its own, so
that t can be differentiated. t.backward() gives the second derivative of x**2 + x, which is 2. Without the reset it would
be added to the 5 that x.grad holds. Without create_graph t would be a plain number, and t.backward() would fail.
"""

# %% rubric: second_derivative_explanation
# 0.5  x.grad after the first call is 2x + 1 = 5, with a record
# 1    create_graph records the backward pass, so that t can be differentiated
# 0.5  the result 2 is the second derivative of x**2 + x
# 0.5  without the reset the values add up
# 0.5  without create_graph t has no graph, and the second call fails


# %% right: the way of the example, with backward and a reset to None
def nth_derivative(f, x0, n):
    x = x0.clone().detach().requires_grad_(True)
    t = f(x)
    for _ in range(n):
        if t.grad_fn is None:
            return torch.zeros(1, dtype=x0.dtype)
        x.grad = None
        t.backward(create_graph=True)
        t = x.grad
    return t


# %% right: allow_unused, materialize_grads, and a term that always depends on x
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x) + 0 * x
    for _ in range(n):
        y = torch.autograd.grad(y, x, create_graph=True, allow_unused=True, materialize_grads=True)[0] + 0 * x
    return y


# %% right: torch.func.grad composed n times
def nth_derivative(f, x0, n):
    g = lambda x: f(x).sum()
    for _ in range(n):
        g = torch.func.grad(lambda x, h=g: h(x).sum())
    return g(x0.detach()).reshape(1)


# %% right: an error that means zero
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        try:
            y = torch.autograd.grad(y, x, create_graph=True)[0]
        except RuntimeError:
            return 0 * x0
    return y


# %% right: by recursion, a derivative being a function again
def nth_derivative(f, x0, n):
    def differentiate(g):
        def derivative(x):
            y = g(x)
            if not y.requires_grad:
                return torch.zeros_like(x)
            return torch.autograd.grad(y, x, create_graph=True)[0]

        return derivative

    if n == 0:
        return f(x0)
    if n == 1:
        x = x0.detach().clone().requires_grad_()
        return differentiate(f)(x).detach()
    return nth_derivative(differentiate(f), x0.detach().clone().requires_grad_(), n - 1)


# %% right: the jacobian of the jacobian
def nth_derivative(f, x0, n):
    from torch.autograd.functional import jacobian

    if n == 0:
        return f(x0.detach())
    return jacobian(lambda x: nth_graph(f, x, n - 1), x0.detach().clone()).reshape(1)


def nth_graph(f, x, n):
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return torch.zeros_like(x)
        (y,) = torch.autograd.grad(y, x, create_graph=True, allow_unused=True)
    return y


# %% right: the numbers read off after running the lines
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    x = torch.tensor([2.0], requires_grad=True)
    z = x**2 + x
    z.backward(create_graph=True)
    t = x.grad
    x.grad = None
    t.backward()
    grad_after_second = x.grad

    x = torch.tensor([2.0], requires_grad=True)
    z = x**2 + x
    z.backward(create_graph=True)
    t = x.grad
    x.grad.zero_()
    t.backward()
    grad_with_zero_ = x.grad


def grad_without_reset(x0):
    first, second = 2 * x0 + 1, 2
    return torch.tensor([first + second], dtype=torch.float64)


# %% right: whole numbers, and NumPy's
import numpy as np

grad_after_second = 2
grad_with_zero_ = np.float32(0)


def grad_without_reset(x0):
    return np.float64(2) * x0 + 3


# %% wrong: no create_graph -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        (y,) = torch.autograd.grad(y, x)
    return y.detach()


# %% wrong: without create_graph every derivative after the first is taken for zero -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return torch.zeros_like(x0)
        (y,) = torch.autograd.grad(y, x, retain_graph=True)
    return y.detach()


# %% wrong: x.grad is not reset, the derivatives add up -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    t = f(x)
    for _ in range(n):
        if not t.requires_grad:
            return torch.zeros_like(x0)
        t.backward(create_graph=True)
        t = x.grad
    return t.detach()


# %% wrong: zero_ wipes the derivative as well -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    t = f(x)
    for _ in range(n):
        if not t.requires_grad:
            return torch.zeros_like(x0)
        if x.grad is not None:
            x.grad.zero_()
        t.backward(create_graph=True)
        t = x.grad
    return t.detach()


# %% wrong: no care for a derivative that is constant -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()


# %% wrong: nothing is returned where the derivative is constant -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return None
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()


# %% wrong: a constant derivative ends the loop and is returned in place of zero -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            break
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()


# %% wrong: zeros of the default dtype -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return torch.zeros(1)
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()


# %% wrong: central finite differences -> derivatives
def nth_derivative(f, x0, n):
    if n == 0:
        return f(x0)
    h = 1e-3 if n > 1 else 1e-5
    return (nth_derivative(f, x0 + h, n - 1) - nth_derivative(f, x0 - h, n - 1)) / (2 * h)


# %% wrong: finite differences in float64, converted back -> derivatives
def nth_derivative(f, x0, n):
    from math import comb

    if n == 0:
        return f(x0).detach()
    x, h = x0.detach().double(), 10.0 ** (-15 / (n + 4))
    total = sum((-1) ** k * comb(n, k) * f(x + (n / 2 - k) * h) for k in range(n + 1))
    return (total / h**n).to(x0.dtype)


# %% wrong: computed in float32 only -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().float().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return torch.zeros_like(x0)
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach().to(x0.dtype)


# %% wrong: always float32 -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().float().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return torch.zeros(1)
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()


# %% wrong: requires_grad is left on the caller's tensor -> derivatives
def nth_derivative(f, x0, n):
    x0.requires_grad_()
    y = f(x0)
    for _ in range(n):
        if not y.requires_grad:
            return torch.zeros_like(x0)
        (y,) = torch.autograd.grad(y, x0, create_graph=True)
    return y.detach()


# %% wrong: works in the caller's x0 and clears the gradient that it held -> derivatives
def nth_derivative(f, x0, n):
    kept = x0.requires_grad
    x0.requires_grad_()
    t = f(x0)
    for _ in range(n):
        if not t.requires_grad:
            t = torch.zeros_like(x0)
            break
        x0.grad = None
        t.backward(create_graph=True)
        t = x0.grad
    x0.grad = None
    t = t.detach()
    x0.requires_grad_(kept)
    return t


# %% wrong: one derivative too few -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n - 1):
        if not y.requires_grad:
            return torch.zeros_like(x0)
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()


# %% wrong: the second derivative, whatever n is -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(2):
        if not y.requires_grad:
            return torch.zeros_like(x0)
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()


# %% wrong: the derivatives of x**2 + x only -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach()
    return [x**2 + x, 2 * x + 1, torch.full_like(x, 2), torch.zeros_like(x), torch.zeros_like(x)][n]


# %% wrong: a 0-d tensor -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return torch.zeros((), dtype=x0.dtype)
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.detach()[0]


# %% wrong: zeros -> derivatives
def nth_derivative(f, x0, n):
    return torch.zeros_like(x0)


# %% wrong: the argument -> derivatives
def nth_derivative(f, x0, n):
    return x0


# %% wrong: a Python number -> derivatives
def nth_derivative(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    for _ in range(n):
        if not y.requires_grad:
            return 0.0
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y.item()


# %% wrong: raises -> derivatives
def nth_derivative(f, x0, n):
    raise ZeroDivisionError("no derivative")


# %% wrong: the first derivative, not the second -> grad_after_second
grad_after_second = 5.0

# %% wrong: the sum of both derivatives -> grad_after_second
grad_after_second = torch.tensor([7.0])

# %% wrong: text -> grad_after_second, grad_with_zero_
grad_after_second = "2"
grad_with_zero_ = "0"

# %% wrong: True and False are no numbers -> grad_after_second, grad_with_zero_
grad_after_second = True
grad_with_zero_ = False

# %% wrong: zero_ is thought to do the same as None -> grad_with_zero_
grad_with_zero_ = 2

# %% wrong: not a number -> grad_with_zero_
grad_with_zero_ = float("nan")

# %% wrong: the gradient is thought to be gone -> grad_with_zero_
grad_with_zero_ = None

# %% wrong: an empty tensor -> grad_with_zero_
grad_with_zero_ = torch.tensor([])


# %% wrong: the first derivative only -> grad_without_reset
def grad_without_reset(x0):
    return 2 * x0 + 1


# %% wrong: the second derivative only -> grad_without_reset
def grad_without_reset(x0):
    return 2


# %% wrong: the number for x = 2 only -> grad_without_reset
def grad_without_reset(x0):
    return 7.0


# %% wrong: the second derivative is multiplied, not added -> grad_without_reset
def grad_without_reset(x0):
    return (2 * x0 + 1) * 2


# %% wrong: automatic differentiation instead of a formula -> grad_without_reset
def grad_without_reset(x0):
    with torch.enable_grad():
        x = torch.tensor([x0], dtype=torch.float64, requires_grad=True)
        z = x**2 + x
        z.backward(create_graph=True)
        x.grad.backward()
        return x.grad.item()


# %% wrong: torch.func.grad instead of a formula -> grad_without_reset
def grad_without_reset(x0):
    first = torch.func.grad(lambda x: x**2 + x)
    x = torch.tensor(x0, dtype=torch.float64)
    return (first(x) + torch.func.grad(first)(x)).item()


# %% wrong: prints the result -> grad_without_reset
def grad_without_reset(x0):
    print(2 * x0 + 3)
