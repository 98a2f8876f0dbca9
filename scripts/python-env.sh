# Sourced by the other scripts: makes .venv beside the checkout with a Python of 3.11 or newer.
# Gives $python, the environment's interpreter.

top=$(cd "$(dirname "$0")/.." && pwd)
python=$top/.venv/bin/python

find_python() {
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

if [ ! -x "$python" ] || ! "$python" -m pip --version >/dev/null 2>&1; then
  base=$(find_python)
  if [ -z "$base" ]; then
    echo "assess needs Python 3.11 or newer; on Debian 12: apt-get install python3 python3-venv" >&2
    exit 2
  fi
  if ! "$base" -m venv "$top/.venv" >/dev/null 2>&1; then
    # Debian keeps ensurepip, which venv needs, in a package of its own.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null 2>&1
    else
      echo "First, as root: apt-get install python3-venv" >&2
      exit 2
    fi
    rm -rf "$top/.venv"
    "$base" -m venv "$top/.venv"
  fi
fi
