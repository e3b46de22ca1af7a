"""Make ``import torchvision`` work beside a CPU-only torch.

The torchvision wheels on the package index are built for a CUDA torch. Beside a CPU-only torch their compiled
part cannot be loaded, the operators that it would register are missing, and the import stops with
``operator torchvision::nms does not exist``. Declaring the operators' schemas is enough: the data sets, the
transforms and the models that a course uses never call them.

Used on both sides of the boundary, so it stands beside ``grader.wire``. It does nothing where torchvision is
healthy or absent.
"""

from __future__ import annotations

import importlib.util
import sys

SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

# A declaration lasts as long as the Library object that made it.
_declared: list[object] = []


def mend() -> bool:
    """Import torchvision, declaring the missing operators first if that is needed.

    Returns True if they had to be declared. Raises ``ImportError`` where torchvision is not installed, and
    whatever its import raises for another reason.
    """
    if "torchvision" in sys.modules:
        return bool(_declared)
    if importlib.util.find_spec("torchvision") is None:
        raise ImportError("torchvision is not installed")
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
    else:
        return False

    import torch

    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name, schema in SCHEMAS.items():
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)
    _declared.append(library)
    import torchvision  # noqa: F401

    return True
