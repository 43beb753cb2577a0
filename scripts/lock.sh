#!/usr/bin/env bash
# Renew both locks, with hashes, for every Python from 3.11 on.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv
compile() {
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-header --no-emit-index-url --no-emit-find-links setup.cfg "$@"
}
compile -o requirements.lock
compile --extra postgres --extra dev -o requirements-dev.lock
