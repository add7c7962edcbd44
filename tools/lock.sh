#!/bin/sh
# Pins what pyproject.toml asks for: requirements.lock (to run) and requirements-test.lock (to test).
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
pip="$work/venv/bin/python -m pip --disable-pip-version-check"
pin() {
    $pip install --quiet "$1"
    printf '# Made by tools/lock.sh; do not edit.\n' >"$2"
    $pip freeze --exclude stadtbote | sort >>"$2"
}
pin . requirements.lock
pin '.[test]' requirements-test.lock
