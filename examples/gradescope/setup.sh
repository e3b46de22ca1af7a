#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image. docs/gradescope.md tells what to put beside it.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install -y python3 python3-venv
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python=python3.11 # Ubuntu 22.04 has it beside its own 3.10
    apt-get install -y python3.11 python3.11-venv
fi

"$python" -m venv /autograder/venv
# The CPU build: the default one brings gigabytes of CUDA libraries.
/autograder/venv/bin/pip install torch torchvision --index-url https://download.pytorch.org/whl/cpu
/autograder/venv/bin/pip install /autograder/source/*.whl

/autograder/venv/bin/grade doctor || true # for the log of the build: it tells which walls hold here
