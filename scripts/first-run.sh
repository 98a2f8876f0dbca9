#!/bin/sh
# Installs assess into .venv and assesses this machine:  sh scripts/first-run.sh [FOLDER]
# The report is written below FOLDER, which is made where it does not exist.
set -eu
folder=${1:-assess-first-run}
. "$(dirname "$0")/python-env.sh"
echo "Installing assess into $top/.venv ..." >&2
"$python" -m pip install --quiet --disable-pip-version-check "$top"
mkdir -p "$folder"
cd "$folder"
echo "+ assess run --profile mkb   (in $(pwd))" >&2
status=0
"$top/.venv/bin/assess" run --profile mkb || status=$?
case $status in
  0 | 1 | 3) # shown, broken, incomplete: the job was done, and the summary says how it ended
    echo "To use it from any folder: PATH=\"$top/.venv/bin:\$PATH\"" >&2
    exit 0 ;;
  *) exit "$status" ;;
esac
