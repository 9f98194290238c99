# Sourced by the other scripts: makes .venv and puts into it what uv.lock pins.
# Needs Python 3.11 or newer and a package index that pip can reach, nothing else.

PYTHON=.venv/bin/python
UV=.venv/bin/uv
UV_VERSION=0.9.5

have_python() {
    [ -x "$PYTHON" ] && return 0
    for name in ${MRRT_PYTHON:-} python3.11 python3 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$name" -m venv .venv
            return 0
        fi
    done
    echo "Python 3.11 or newer was not found. Install it, or name one: MRRT_PYTHON=/path/to/python $0" >&2
    return 2
}

have_uv() {
    have_python
    [ -x "$UV" ] || "$PYTHON" -m pip install --quiet --disable-pip-version-check "uv>=$UV_VERSION"
}

# have_packages run | have_packages all: the packages of the product, or those of its tests too.
# A stamp keeps a second call down to milliseconds while the lock is unchanged.
have_packages() {
    stamp=.venv/.installed-$1
    for done in "$stamp" .venv/.installed-all; do
        if [ -f "$done" ] && [ ! uv.lock -nt "$done" ] && [ ! pyproject.toml -nt "$done" ]; then
            return 0
        fi
    done
    have_uv
    groups="--no-dev --group build"
    [ "$1" = all ] && groups="--all-groups --no-group bench"
    # shellcheck disable=SC2086
    "$UV" export --quiet --frozen --no-emit-project $groups -o .venv/requirements.txt
    "$UV" pip install --quiet --python "$PYTHON" --require-hashes -r .venv/requirements.txt
    "$UV" pip install --quiet --python "$PYTHON" --no-deps --no-build-isolation -e .
    touch "$stamp"
}
