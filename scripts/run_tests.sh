#!/usr/bin/env bash
# The whole suite: everything on SQLite, all that touches a database again on PostgreSQL with the races, then the
# browser. Coverage is measured on SQLite, where every test but the races runs; the other two added a
# seventh of a percent and minutes. Closes by saying what ran on which database, and how long.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
processes=${TEST_PROCESSES:-$(nproc)}
rm -f .coverage .coverage.*
declare -a report
failed=0

run() {
  local name="$1" log started=$SECONDS
  shift
  log=$(mktemp)
  printf '\n== %s\n' "$name"
  "$@" 2>&1 | tee "$log"
  local status=${PIPESTATUS[0]}
  report+=("$name: $(grep -E '(passed|failed|error)' "$log" | tail -n 1 | tr -d '=' | xargs) ($((SECONDS - started)) s)")
  rm -f "$log"
  [ "$status" -eq 0 ] || failed=1
}

run "SQLite" env TEST_DATABASE=sqlite "$bin/pytest" -q -n "$processes" --cov --cov-report= \
  -m "not browser and not concurrency"
run "PostgreSQL" env TEST_DATABASE=postgres "$bin/pytest" -q -n "$processes" -m "not browser"
run "Chromium on SQLite" env TEST_DATABASE=sqlite "$bin/pytest" -q -m browser tests/browser

printf '\n== Coverage\n'
"$bin/coverage" combine --quiet --keep >/dev/null 2>&1 || true
"$bin/coverage" report || failed=1

printf '\n== What ran\n'
printf '%s\n' "${report[@]}"
exit "$failed"
