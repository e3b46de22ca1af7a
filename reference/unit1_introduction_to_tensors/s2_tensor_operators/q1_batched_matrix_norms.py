"""torch.linalg works on whole stacks: the last two dimensions are the matrix, unless `dim` says otherwise.

(a + d)² − 4(ad − bc) = (a − d)² + 4bc, so the eigenvalues of a 2×2 matrix can only be non-real if b and c have
opposite signs. A rotation by a right angle does it; of order 3 a cyclic permutation does it without a minus sign.
"""

# %% solution
import torch


def make_uniform(n: int = 100) -> torch.Tensor:
    return torch.rand(n, 2, 2)


def eigenvalues_2x2(x: torch.Tensor) -> torch.Tensor:
    return torch.linalg.eigvals(x)


def discriminant(a: float, b: float, c: float, d: float) -> float:
    return (a - d) ** 2 + 4 * b * c


complex_2x2 = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
complex_nonneg_3x3 = torch.tensor([[0, 1, 0], [0, 0, 1], [1, 0, 0]])


def frobenius_norms(x: torch.Tensor) -> torch.Tensor:
    return torch.linalg.matrix_norm(x)  # over the last two dimensions


def euclidean_norm(x: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(x)  # over all dimensions


def infinity_norms(x: torch.Tensor) -> torch.Tensor:
    return torch.linalg.matrix_norm(x, float("inf"), dim=(0, 1))  # rows are dim 0, columns are dim 1


real_eigenvalues_explanation = """
All imaginary parts are 0. The eigenvalues are the roots of t² − (a+d) t + (ad − bc), with the discriminant
(a+d)² − 4(ad − bc) = (a−d)² + 4bc. The entries of the stack are not negative, so bc ≥ 0 and the discriminant is a sum
of two terms that are not negative: both roots are real. It needs both the sign and the order: with b and c of opposite
signs, as in [[0, 1], [-1, 0]], the discriminant can be negative, and a matrix of order 3 with entries ≥ 0, such as the
cyclic permutation, can have non-real eigenvalues.
"""

# %% rubric: real_eigenvalues_explanation
# 0.5  the imaginary parts are all 0
# 1    the characteristic polynomial or its discriminant is written down
# 0.5  the discriminant is rewritten as (a − d)² + 4bc
# 0.5  entries that are not negative make it ≥ 0
# 0.5  it depends on the sign and on the order 2: it fails with opposite signs, or for order 3


# %% right: other functions of the library
def make_uniform(n=100):
    return torch.empty((n, 2, 2), dtype=torch.float64).uniform_()


def eigenvalues_2x2(x):
    return torch.linalg.eig(x).eigenvalues.flip(1)


def discriminant(a, b, c, d):
    return (a + d) ** 2 - 4 * (a * d - b * c)


complex_2x2 = torch.tensor([[1, 5], [-2, 1]])
complex_nonneg_3x3 = torch.tensor([[0.5, 3.0, 0.0], [0.0, 0.5, 3.0], [3.0, 0.0, 0.5]], dtype=torch.float64)


def frobenius_norms(x):
    return torch.linalg.norm(x, dim=(1, 2))


def euclidean_norm(x):
    return x.norm()


def infinity_norms(x):
    return x.abs().sum(1).amax(0)


# %% right: formulas written out
def make_uniform(n=100):
    return torch.stack([torch.rand(2, 2) for _ in range(n)])


def eigenvalues_2x2(x):
    a, b, c, d = x[:, 0, 0], x[:, 0, 1], x[:, 1, 0], x[:, 1, 1]
    root = torch.sqrt(((a - d) ** 2 + 4 * b * c).to(torch.complex128))
    return torch.stack([(a + d - root) / 2, (a + d + root) / 2], dim=1)


def discriminant(a, b, c, d):
    p, q = -(a + d), a * d - b * c
    return p * p - 4 * q


def frobenius_norms(x):
    return x.pow(2).sum((1, 2)).sqrt()


def euclidean_norm(x):
    return (x**2).sum().item() ** 0.5


def infinity_norms(x):
    return torch.stack([torch.linalg.norm(x[:, :, k], ord=float("inf")) for k in range(2)])


# %% right: one norm from the other, loops, float32 for the discriminant
def make_uniform(n=100):
    return torch.distributions.Uniform(0, 1).sample((n, 2, 2))


def eigenvalues_2x2(x):
    return torch.stack([torch.linalg.eigvals(matrix) for matrix in x])


def discriminant(a, b, c, d):
    matrix = torch.tensor([[a, b], [c, d]])
    return torch.trace(matrix) ** 2 - 4 * torch.det(matrix)


def frobenius_norms(x):
    return torch.tensor([sum(float(v) ** 2 for v in matrix.flatten()) ** 0.5 for matrix in x])


def euclidean_norm(x):
    return torch.linalg.vector_norm(x.reshape(1, -1), dim=1).squeeze()


def infinity_norms(x):
    return torch.linalg.matrix_norm(x.permute(2, 0, 1), float("inf"))


# %% right: through NumPy, singular values, a float32 result for everything
import math

import numpy as np


def eigenvalues_2x2(x):
    return torch.from_numpy(np.linalg.eigvals(x.numpy()).astype(np.complex64))


def frobenius_norms(x):
    return torch.linalg.svdvals(x).pow(2).sum(1).sqrt().float()


def euclidean_norm(x):
    return math.sqrt(sum(v * v for v in x.flatten().tolist()))


def infinity_norms(x):
    a = np.abs(x.numpy()).sum(axis=1)
    return torch.tensor([a[:, 0].max(), a[:, 1].max()], dtype=torch.float32)


# %% wrong: for symmetric matrices only -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eigvalsh(x)


# %% wrong: for symmetric matrices only, made complex -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eigvalsh(x) + 0j


# %% wrong: only the real parts -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eigvals(x).real


# %% wrong: the real parts, made complex -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eigvals(x).real.to(torch.complex64)


# %% wrong: absolute values -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eigvals(x).abs()


# %% wrong: the eigenvectors too -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eig(x)


# %% wrong: the first index is taken for a row -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eigvals(x.reshape(2, 2, -1).permute(2, 0, 1))


# %% wrong: only the first matrix -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eigvals(x[0]).expand(len(x), 2)


# %% wrong: one root of the two -> eigenvalues
def eigenvalues_2x2(x):
    return torch.linalg.eigvals(x)[:, :1].repeat(1, 2)


# %% wrong: half of the trace and the root is forgotten -> eigenvalues
def eigenvalues_2x2(x):
    a, b, c, d = x.flatten(1).to(torch.complex64).unbind(1)
    root = torch.sqrt((a - d) ** 2 + 4 * b * c)
    return torch.stack([a + d + root, a + d - root], dim=1)


# %% wrong: a hundred matrices only -> eigenvalues
def eigenvalues_2x2(x):
    result = torch.zeros(100, 2, dtype=torch.complex64)
    for n in range(100):
        result[n] = torch.linalg.eigvals(x[n])
    return result


# %% wrong: zeros for everything -> make_uniform, eigenvalues, frobenius_norms, euclidean_norm, infinity_norms
def make_uniform(n=100):
    return torch.zeros(n, 2, 2)


def eigenvalues_2x2(x):
    return torch.zeros(len(x), 2, dtype=torch.complex64)


def frobenius_norms(x):
    return torch.zeros(len(x))


def euclidean_norm(x):
    return 0.0


def infinity_norms(x):
    return torch.zeros(2)


# %% wrong: NaN and None -> eigenvalues, discriminant, frobenius_norms, euclidean_norm, infinity_norms
def eigenvalues_2x2(x):
    return torch.full((len(x), 2), complex("nan"))


def discriminant(a, b, c, d):
    return None


def frobenius_norms(x):
    return torch.full((len(x),), float("nan"))


def euclidean_norm(x):
    return float("nan")


def infinity_norms(x):
    print(x.abs().sum(1).amax(0))


# %% wrong: n of the wrong dimension -> make_uniform
def make_uniform(n=100):
    return torch.rand(2, 2, n)


# %% wrong: always a hundred -> make_uniform
def make_uniform(n=100):
    return torch.rand(100, 2, 2)


# %% wrong: normal numbers -> make_uniform
def make_uniform(n=100):
    return torch.randn(n, 2, 2)


# %% wrong: normal numbers, cut off -> make_uniform
def make_uniform(n=100):
    return torch.randn(n, 2, 2).clamp(0, 0.999)


# %% wrong: whole numbers -> make_uniform
def make_uniform(n=100):
    return torch.randint(0, 2, (n, 2, 2))


# %% wrong: symmetric matrices -> make_uniform
def make_uniform(n=100):
    x = torch.rand(n, 2, 2)
    return torch.stack([torch.stack([m[0], torch.stack([m[0, 1], m[1, 1]])]) for m in x])


# %% wrong: one matrix, repeated -> make_uniform
def make_uniform(n=100):
    return torch.rand(2, 2).expand(n, 2, 2)


# %% wrong: evenly spaced, not random -> make_uniform
def make_uniform(n=100):
    return (torch.arange(4 * n) / (4 * n)).reshape(n, 2, 2)


# %% wrong: a seed is set inside -> make_uniform
def make_uniform(n=100):
    torch.manual_seed(1)
    return torch.rand(n, 2, 2)


# %% wrong: NumPy's generator -> make_uniform
import numpy as np


def make_uniform(n=100):
    return torch.from_numpy(np.random.rand(n, 2, 2))


# %% wrong: without the product of b and c -> discriminant
def discriminant(a, b, c, d):
    return (a - d) ** 2


# %% wrong: the sign of 4bc -> discriminant
def discriminant(a, b, c, d):
    return (a - d) ** 2 - 4 * b * c


# %% wrong: the square root of it -> discriminant
def discriminant(a, b, c, d):
    return ((a - d) ** 2 + 4 * b * c) ** 0.5


# %% wrong: a quarter of it -> discriminant
def discriminant(a, b, c, d):
    return ((a + d) / 2) ** 2 - (a * d - b * c)


# %% wrong: the determinant -> discriminant
def discriminant(a, b, c, d):
    return a * d - b * c


# %% wrong: true or false -> discriminant
def discriminant(a, b, c, d):
    return (a - d) ** 2 + 4 * b * c > 0


# %% wrong: the eigenvalues of both examples are real -> complex_2x2, complex_nonneg_3x3
complex_2x2 = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
complex_nonneg_3x3 = torch.eye(3)

# %% wrong: a list of lists, and a minus sign -> complex_2x2, complex_nonneg_3x3
complex_2x2 = [[0, 1], [-1, 0]]
complex_nonneg_3x3 = torch.tensor([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])

# %% wrong: complex entries, NaN entries -> complex_2x2, complex_nonneg_3x3
complex_2x2 = torch.tensor([[1j, 0], [0, -1j]])
complex_nonneg_3x3 = torch.full((3, 3), float("nan"))

# %% wrong: the sizes are exchanged -> complex_2x2, complex_nonneg_3x3
complex_2x2, complex_nonneg_3x3 = complex_nonneg_3x3, complex_2x2

# %% wrong: the eigenvalues themselves -> complex_2x2, complex_nonneg_3x3
complex_2x2 = torch.linalg.eigvals(torch.tensor([[0.0, 1.0], [-1.0, 0.0]]))
complex_nonneg_3x3 = "a cyclic permutation"


# %% wrong: no square root -> frobenius_norms, euclidean_norm
def frobenius_norms(x):
    return x.pow(2).sum((1, 2))


def euclidean_norm(x):
    return (x * x).sum()


# %% wrong: no squares -> frobenius_norms, euclidean_norm
def frobenius_norms(x):
    return x.abs().sum((1, 2))


def euclidean_norm(x):
    return x.sum().abs()


# %% wrong: the 2-norm of matrices -> frobenius_norms, euclidean_norm
def frobenius_norms(x):
    return torch.linalg.matrix_norm(x, 2)


def euclidean_norm(x):
    return torch.linalg.norm(x, 2)


# %% wrong: along one dimension only -> frobenius_norms, euclidean_norm
def frobenius_norms(x):
    return x.norm(dim=1)


def euclidean_norm(x):
    return x.norm(dim=-1)


# %% wrong: a norm of each matrix where one number is asked for, and the other way round -> frobenius_norms, euclidean_norm
def frobenius_norms(x):
    return x.norm()


def euclidean_norm(x):
    return torch.linalg.matrix_norm(x)


# %% wrong: a shape (1,) and a list -> frobenius_norms, euclidean_norm
def frobenius_norms(x):
    return torch.linalg.matrix_norm(x).tolist()


def euclidean_norm(x):
    return x.norm().reshape(1)


# %% wrong: the largest value -> euclidean_norm
def euclidean_norm(x):
    return x.abs().max()


# %% wrong: three dimensions only -> euclidean_norm
def euclidean_norm(x):
    return sum(float(v) ** 2 for matrix in x for row in matrix for v in row) ** 0.5


# %% wrong: half precision -> frobenius_norms, euclidean_norm, infinity_norms
def frobenius_norms(x):
    return torch.linalg.matrix_norm(x).half().to(x.dtype)


def euclidean_norm(x):
    return x.norm().half().to(x.dtype)


def infinity_norms(x):
    return x.abs().sum(1).amax(0).half().to(x.dtype)


# %% wrong: one number for each matrix -> infinity_norms
def infinity_norms(x):
    return torch.linalg.matrix_norm(x, float("inf"), dim=(1, 2))


# %% wrong: the first index is fixed -> infinity_norms
def infinity_norms(x):
    return torch.stack([torch.linalg.matrix_norm(x[min(k, len(x) - 1)], float("inf")) for k in range(2)])


# %% wrong: the middle index is fixed -> infinity_norms
def infinity_norms(x):
    return torch.linalg.matrix_norm(x, float("inf"), dim=(0, 2))


# %% wrong: rows and columns exchanged, the 1-norm -> infinity_norms
def infinity_norms(x):
    return torch.linalg.matrix_norm(x, float("inf"), dim=(1, 0))


# %% wrong: a vector's infinity norm -> infinity_norms
def infinity_norms(x):
    return x.norm(float("inf"), dim=(0, 1))


# %% wrong: the largest entry -> infinity_norms
def infinity_norms(x):
    return x.abs().amax((0, 1))


# %% wrong: no absolute values -> infinity_norms
def infinity_norms(x):
    return x.sum(1).amax(0)


# %% wrong: the absolute value comes after the sum -> infinity_norms
def infinity_norms(x):
    return x.sum(1).abs().amax(0)


# %% wrong: only the first of the two -> infinity_norms
def infinity_norms(x):
    return torch.linalg.norm(x[:, :, 0], ord=float("inf"))


# %% wrong: in the opposite order -> infinity_norms
def infinity_norms(x):
    return torch.linalg.matrix_norm(x, float("inf"), dim=(0, 1)).flip(0)
