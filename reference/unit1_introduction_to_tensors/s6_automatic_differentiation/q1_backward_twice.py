"""backward() frees the values that were saved for the derivatives, unless it is told to retain the graph.

So only the second call stands in the `try`. An addition, a sum, a change of sign need no values for their
derivatives and can be walked through again.
"""

# %% solution
import torch


def second_backward_fails(f, x0):
    x = x0.detach().clone().requires_grad_()
    z = f(x)
    z.backward()
    try:
        z.backward()
    except RuntimeError:
        return True
    return False


def grad_after_backwards(f, x0, n):
    x = x0.detach().clone().requires_grad_()
    z = f(x)
    for _ in range(n):
        z.backward(retain_graph=True)  # each call adds to x.grad
    return x.grad


def reusable_function(x):
    return (x + x).sum()


second_backward_reason = "b"
second_backward_explanation = """
During the forward run the square saves x, which its derivative 2x needs. The first backward walks through the
record and frees what was saved there, to save memory, so the second walk finds nothing. With retain_graph=True in the
first call (or by computing y and z again) it works. Since gradients add up, x.grad holds 5 and then 10.
"""

# %% rubric: second_backward_explanation
# 1    backward walks through the recorded graph and needs saved values, here x for the derivative of the square
# 1    they are freed after the first call, to save memory
# 0.5  the way out: retain_graph=True in the first call, or computing y and z again
# 0.5  gradients add up: 5, then 10


# %% right: retain_graph in all calls but the last, and torch.autograd.backward
def second_backward_fails(f, x0):
    x = torch.tensor(x0.tolist(), requires_grad=True)
    z = f(x)
    torch.autograd.backward(z)
    failed = False
    try:
        torch.autograd.backward(z)
    except RuntimeError as error:
        failed = "second time" in str(error) or True
    return failed


def grad_after_backwards(f, x0, n):
    x = x0.clone()
    x.requires_grad = True
    z = f(x)
    for k in range(n):
        torch.autograd.backward(z, retain_graph=k < n - 1)
    return x.grad


def reusable_function(x):
    return x.sum()


# %% right: else in place of return, a sum of gradients, a negative sum
def second_backward_fails(f, x0):
    x = torch.nn.Parameter(x0.clone())
    z = f(x)
    z.backward()
    try:
        z.backward()
    except RuntimeError:
        fails = True
    else:
        fails = False
    return fails


def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_(True)
    z = f(x)
    total = torch.zeros_like(x0)
    for _ in range(n):
        total = total + torch.autograd.grad(z, x, retain_graph=True)[0]
    return total


def reusable_function(x):
    return -x.sum()


# %% right: a helper for the leaf, recursion, the mean
def leaf(x0):
    x = torch.empty_like(x0).copy_(x0)
    return x.requires_grad_()


def second_backward_fails(f, x0):
    z = f(leaf(x0))
    z.backward()
    try:
        z.backward()
        return False
    except RuntimeError:
        return True


def grad_after_backwards(f, x0, n):
    x = leaf(x0)
    z = f(x)

    def again(k):
        z.backward(retain_graph=True)
        return x.grad if k == 1 else again(k - 1)

    return again(n)


def reusable_function(x):
    return x.mean()


# %% right: one backward with n as the cotangent, a concatenation summed, the key in a set
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    z.backward(torch.full_like(z, n))
    return x.grad


def reusable_function(x):
    return torch.cat([x, -x, x]).sum() + 7


# %% right: a difference of sums, a loop over the elements, a result of shape (1,)
def reusable_function(x):
    total = x[0] - 3
    for element in x[1:]:
        total = total - element
    return total.reshape(1)


# %% wrong: always true -> second_backward
def second_backward_fails(f, x0):
    z = f(x0.clone().requires_grad_())
    z.backward()
    return True


# %% wrong: always false -> second_backward
def second_backward_fails(f, x0):
    z = f(x0.clone().requires_grad_())
    z.backward()
    return False


# %% wrong: one try around both calls -> second_backward
def second_backward_fails(f, x0):
    x = x0.clone().requires_grad_()
    z = f(x)
    try:
        z.backward()
        z.backward()
    except RuntimeError:
        return True
    return False


# %% wrong: everything is in the try, and any error counts -> second_backward
def second_backward_fails(f, x0):
    try:
        z = f(x0.clone().requires_grad_())
        z.backward()
        z.backward()
    except Exception:
        return True
    return False


# %% wrong: every error of f is swallowed -> second_backward
def second_backward_fails(f, x0):
    try:
        z = f(x0.clone().requires_grad_())
        z.backward()
    except Exception:
        return False
    try:
        z.backward()
    except RuntimeError:
        return True
    return False


# %% wrong: the first call retains the graph -> second_backward
def second_backward_fails(f, x0):
    z = f(x0.clone().requires_grad_())
    z.backward(retain_graph=True)
    try:
        z.backward()
    except RuntimeError:
        return True
    return False


# %% wrong: f is computed anew for the second call -> second_backward
def second_backward_fails(f, x0):
    x = x0.clone().requires_grad_()
    f(x).backward()
    try:
        f(x).backward()
    except RuntimeError:
        return True
    return False


# %% wrong: requires_grad is switched on for the caller's tensor -> second_backward, accumulated
def second_backward_fails(f, x0):
    x0.requires_grad_()
    z = f(x0)
    z.backward()
    try:
        z.backward()
    except RuntimeError:
        return True
    return False


def grad_after_backwards(f, x0, n):
    x0.requires_grad_()
    z = f(x0)
    for _ in range(n):
        z.backward(retain_graph=True)
    return x0.grad


# %% wrong: the caller's tensor gets requires_grad, and is cleaned up but for a zero gradient -> second_backward
def second_backward_fails(f, x0):
    x0.requires_grad_()
    z = f(x0)
    z.backward()
    try:
        z.backward()
    except RuntimeError:
        return True
    finally:
        x0.grad.zero_()
        x0.requires_grad_(False)
    return False


# %% wrong: guessed from the shape of x0 -> second_backward
def second_backward_fails(f, x0):
    z = f(x0.clone().requires_grad_())
    z.backward()
    return x0.numel() == 1


# %% wrong: guessed without a run -> second_backward
def second_backward_fails(f, x0):
    return x0.numel() == 1


# %% wrong: the error message in place of the verdict -> second_backward
def second_backward_fails(f, x0):
    z = f(x0.clone().requires_grad_())
    z.backward()
    try:
        z.backward()
    except RuntimeError as error:
        return str(error)
    return ""


# %% wrong: the verdict is turned round -> second_backward
def second_backward_fails(f, x0):
    z = f(x0.clone().requires_grad_())
    z.backward()
    try:
        z.backward()
    except RuntimeError:
        return False
    return True


# %% wrong: the error of the second call gets through -> second_backward
def second_backward_fails(f, x0):
    z = f(x0.clone().requires_grad_())
    z.backward()
    z.backward()
    return False


# %% wrong: no answer where the second call succeeds -> second_backward
def second_backward_fails(f, x0):
    z = f(x0.clone().requires_grad_())
    z.backward()
    try:
        z.backward()
    except RuntimeError:
        return True


# %% wrong: no retain_graph at all -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for _ in range(n):
        z.backward()
    return x.grad


# %% wrong: only the first call retains the graph -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for k in range(n):
        z.backward(retain_graph=k == 0)
    return x.grad


# %% wrong: the last but one call does not retain the graph -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for k in range(n):
        z.backward(retain_graph=k != n - 2)
    return x.grad


# %% wrong: the errors after the first call are swallowed -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for _ in range(n):
        try:
            z.backward()
        except RuntimeError:
            pass
    return x.grad


# %% wrong: f rebuilt for each call -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    for _ in range(n):
        f(x).backward()
    return x.grad


# %% wrong: the gradient is cleared between the calls -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for _ in range(n):
        x.grad = None
        z.backward(retain_graph=True)
    return x.grad


# %% wrong: one call too many -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for _ in range(n + 1):
        z.backward(retain_graph=True)
    return x.grad


# %% wrong: the first element of the gradient only -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for _ in range(n):
        z.backward(retain_graph=True)
    return x.grad[0]


# %% wrong: the derivative of the example -> accumulated
def grad_after_backwards(f, x0, n):
    f(x0)
    return n * (2 * x0 + 1)


# %% wrong: the numbers of the example -> accumulated
def grad_after_backwards(f, x0, n):
    f(x0)
    return torch.tensor([5.0 * n])


# %% wrong: zeros -> accumulated
def grad_after_backwards(f, x0, n):
    f(x0)
    return torch.zeros_like(x0)


# %% wrong: returns z -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for _ in range(n):
        z.backward(retain_graph=True)
    return z


# %% wrong: prints the gradient -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    for _ in range(n):
        z.backward(retain_graph=True)
    print(x.grad)


# %% wrong: adds the gradients up in the caller's tensor -> accumulated
def grad_after_backwards(f, x0, n):
    x = x0.clone().requires_grad_()
    z = f(x)
    z.backward()
    x0.copy_(n * x.grad)
    return x0


# %% wrong: finite differences, with further calls of f -> accumulated
def grad_after_backwards(f, x0, n):
    gradient = torch.zeros_like(x0)
    for i in range(len(x0)):
        h = torch.zeros_like(x0)
        h[i] = 1e-2
        gradient[i] = ((f(x0 + h) - f(x0 - h)) / 2e-2).reshape(())
    return n * gradient


# %% wrong: a product with a constant keeps the constant -> reusable
def reusable_function(x):
    return (2 * x).sum()


# %% wrong: the square of the example -> reusable
def reusable_function(x):
    return (x**2 + x).sum()


# %% wrong: not a scalar -> reusable
def reusable_function(x):
    return x + x


# %% wrong: the first element has no part in it -> reusable
def reusable_function(x):
    return x.sum() - x[0]


# %% wrong: one element only -> reusable
def reusable_function(x):
    return x[0]


# %% wrong: a gradient of zero -> reusable
def reusable_function(x):
    return (x - x).sum()


# %% wrong: detached, a constant -> reusable
def reusable_function(x):
    return x.detach().sum()


# %% wrong: a constant with a gradient of its own -> reusable
def reusable_function(x):
    return torch.zeros(1, requires_grad=True).sum()


# %% wrong: a Python number -> reusable
def reusable_function(x):
    return float(x.sum())


# %% wrong: backward is replaced by one that retains the graph -> reusable
def reusable_function(x):
    z = (x**2).sum()
    z.backward = lambda: torch.Tensor.backward(z, retain_graph=True)
    return z


# %% wrong: another object with a backward of its own -> reusable
class Pretender:
    def __init__(self, x):
        self.x = x

    def backward(self, *args, **kwargs):
        self.x.grad = torch.ones_like(self.x) + (0 if self.x.grad is None else self.x.grad)


def reusable_function(x):
    return Pretender(x)


# %% wrong: returns nothing -> reusable
def reusable_function(x):
    x.sum().backward()


# %% wrong: the gradient is thought to be write-protected -> second_backward_reason
second_backward_reason = "a"

# %% wrong: two keys for one reason -> second_backward_reason
second_backward_reason = {"b", "c"}

# %% wrong: no key at all -> second_backward_reason
second_backward_reason = "the saved values were freed"
