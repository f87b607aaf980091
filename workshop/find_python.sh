# Sets $python to a Python that starts and is 3.12 or newer, or ends with one line that says what to install.
# Read by ./demo and ./test with `.`; wants nothing but a POSIX shell.
#
# Each candidate is really started: version managers put names on the PATH that do nothing but fail.

is_usable() {
    "$1" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 12))' </dev/null >/dev/null 2>&1
}

find_python() {
    for python in \
        "${PYTHON:-}" \
        python3.14 python3.13 python3.12 python3 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3 \
        "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}"/*/bin/python3
    do
        if [ -n "$python" ] && is_usable "$python"; then
            return 0
        fi
    done
    echo "${0##*/}: no Python 3.12 or newer found; install one (Debian 13, Ubuntu 24.04: apt-get install python3 python3-pip; macOS: brew install python; anywhere: https://docs.astral.sh/uv/, then: uv python install 3.13)" >&2
    return 1
}

HOME=${HOME:-/nonexistent}
find_python || exit 1
