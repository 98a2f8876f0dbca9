#!/bin/sh
# Everything that must be green before a commit:  sh scripts/test.sh [PYTEST OPTIONS]
# A test whose component is not installed is skipped and names it; .ci/run installs all of them.
set -eu
. "$(dirname "$0")/python-env.sh"
cd "$top"
"$python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
echo "+ ruff" >&2
"$python" -m ruff format --check --quiet .
"$python" -m ruff check --quiet .
echo "+ mypy --strict" >&2
"$python" -m mypy
echo "+ lint-imports" >&2
"$top/.venv/bin/lint-imports" --no-cache >/dev/null
echo "+ pytest" >&2
# Much of the time is spent waiting for programs that the tests talk to: more workers than cores.
exec "$python" -m pytest -q -n 3 --dist loadfile "$@"
