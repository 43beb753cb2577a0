#!/usr/bin/env bash
# Every benchmark in turn; exits 1 when a goal is missed.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
for program in bench/pages.py bench/checkout.py bench/stock_postings.py bench/counts.py bench/imports.py; do
  printf '\n== %s\n' "$program"
  .venv/bin/python "$program" || failed=1
done
exit "$failed"
