#!/usr/bin/env bash
# Make a virtual environment; on Debian as root, install what venv needs first.
set -euo pipefail
python="$1"
venv="$2"
"$python" - <<'PY' || { echo "Karyabina membutuhkan Python 3.11 atau lebih baru." >&2; exit 1; }
import sys
sys.exit(0 if sys.version_info >= (3, 11) else 1)
PY
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  else
    echo "Pasang dahulu paket python3-venv." >&2
    exit 1
  fi
fi
"$python" -m venv "$venv"
