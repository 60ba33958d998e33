#!/bin/sh
# Makes .venv, or brings it up to date. Cheap when nothing changed: the stamp names what it was made from.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/setup.stamp

fail() {
    echo "$1" >&2
    exit 1
}

# A virtual environment holds absolute paths, so a moved or copied clone makes its own again.
wanted="$(pwd) $(cat deploy/requirements.txt pyproject.toml deploy/setup.sh | cksum)"
if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

set -- python3 python3.11 python3.12 python3.13 python3.14
if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
fi
python=
for candidate in "$@"; do
    if is_new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    found=$("$1" --version 2>/dev/null || echo "none")
    fail "OraQ needs Python 3.11 or later (found: $found): install one, or name it with PYTHON=/path/to/python3."
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    fail "OraQ needs Python's venv module: install it (Debian, Ubuntu: apt install python3-venv) and run this again."
fi

made_here=
if [ -x .venv/bin/python ] && [ -f "$stamp" ]; then
    case "$(cat "$stamp")" in "$(pwd) "*) made_here=yes ;; esac
fi
if [ -z "$made_here" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    echo "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv || fail "The virtual environment .venv could not be made: see above."
fi
rm -f "$stamp"

echo "Installing what deploy/requirements.txt pins ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement deploy/requirements.txt
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
echo "$wanted" >"$stamp"
