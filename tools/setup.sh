#!/bin/sh
# Make the virtual environment and install Aman in it, with the versions of constraints.txt.
#
# torch goes first and alone. On Linux the registry's newest torch brings several GB of CUDA
# libraries that Aman has no use for; PyTorch publishes a CPU build in an index of its own,
# which is asked first. Where that index cannot be reached, the registry's build of the same
# version is taken. Set AMAN_TORCH_INDEX= (empty) to never ask it.
set -eu
venv=$1
: "${PYTHON:=python3}"
torch=$(sed -n 's/^torch==/torch==/p' constraints.txt)

say() { printf '\033[1m» %s\033[0m\n' "$*"; }

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "aman: Python 3.11 or newer is needed, $PYTHON is older: make PYTHON=python3.12 …" >&2
    exit 1
}
say "virtual environment in $venv"
"$PYTHON" -m venv "$venv"
pip="$venv/bin/python -m pip --disable-pip-version-check --quiet"

if ! "$venv/bin/python" -c 'import torch' 2>/dev/null; then
    say "$torch, the CPU build"
    index=${AMAN_TORCH_INDEX-https://download.pytorch.org/whl/cpu}
    if [ "$(uname -s)" = Linux ] && [ -n "$index" ] &&
        "$venv/bin/python" - "$index" <<'PY'
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1] + "/torch/", timeout=5).close()
except Exception:
    sys.exit(1)
PY
    then
        $pip install --no-deps --index-url "$index" "$torch"
    else
        $pip install "$torch"
    fi
fi
say "Aman and the libraries it is built on"
$pip install --constraint constraints.txt --editable '.[dev]'
say "ready"
