"""# How many parameters has the flat classifier?

The flat classifier takes a vector of 784 pixels `x_0, ..., x_783` and applies ten linear functions to it,

```text
z_k = w_k0 x_0 + w_k1 x_1 + ... + w_k783 x_783 + b_k        for k = 0, ..., 9,
```

and then softmax, `y_k = exp(z_k) / (exp(z_0) + ... + exp(z_9))`. Its parameters are all the numbers that
training can change.

- **`flat_num_params`**: how many are there? Give the exact number.
- **`count_flat_params(in_features, num_classes)`**: how many are there if the vector has `in_features`
  numbers and there are `num_classes` classes? Both arguments are integers, 1 or more.
"""

from __future__ import annotations

from grader.authoring import Handle, Random, Reference, Student, check, ensure, fail, number

kinds = ("formula",)
budget_s = 0.2
stub = '''
flat_num_params = None  # your answer: the number of parameters for 784 inputs and 10 classes


def count_flat_params(in_features: int, num_classes: int) -> int:
    """The number of parameters for that many inputs and classes."""
    raise NotImplementedError
'''


def hint(given: float, inputs: int, classes: int) -> str:
    """Where a wrong count comes from, if it shows."""
    mistakes = {
        inputs * classes: " That is the number of weights w. What else can training change?",
        inputs * classes + 1: " Does one bias serve all classes?",
        inputs * classes + inputs: " How many biases does each of the linear functions have?",
        (inputs + 1) * classes + classes * classes: " Does softmax have weights of its own?",
        (inputs + 1) * classes + classes: " Does softmax have parameters of its own?",
        (inputs + 1) * classes + inputs: " Do you count something for softmax, or the pixels themselves?",
        inputs + 1: " That is one of the linear functions only.",
    }
    return mistakes.get(int(given), "") if given == int(given) else " A count is a whole number."


@check(points=3)
def flat_num_params(student: Student, reference: Reference) -> None:
    """the number of parameters for 784 inputs and 10 classes"""
    given = number(student.flat_num_params, what="`flat_num_params`")
    ensure(
        given == reference.flat_num_params,
        f"`flat_num_params` is {given:.15g}, which is not the number asked for.{hint(given, 784, 10)}",
    )


@check(points=2)
def count_flat_params(student: Student, reference: Reference, rng: Random) -> None:
    """the formula, for any number of inputs and classes"""
    answer = student.count_flat_params
    if not isinstance(answer, Handle):
        fail("`count_flat_params` must be a function of the two sizes, not a number.")
    sizes = [(1, 1), (1, 10), (784, 1), (3072, 100), (784, 10)]
    sizes += [(rng.integer(2, 40), rng.integer(2, 40)), (rng.integer(200, 900), rng.integer(3, 30))]
    for inputs, classes in rng.shuffled(sizes):
        what = f"`count_flat_params({inputs}, {classes})`"
        given = number(answer(inputs, classes), what=what)
        ensure(
            given == reference.count_flat_params(inputs, classes),
            f"{what} is {given:.15g}, which is wrong.{hint(given, inputs, classes)}",
        )
