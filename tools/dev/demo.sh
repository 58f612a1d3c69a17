# SPDX-License-Identifier: MIT
#
# `./dev demo`: sourced by dev, whose helpers it uses. Serves the example under every strategy, asks
# it with ab and shows one table.
# shellcheck shell=bash

SERVE_PID= # of `phork serve`, while it runs

# The process ids below a process, deepest first.
descendants() {
  local child
  # shellcheck disable=SC2013  # words, not lines
  for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
    descendants "$child"
    printf '%s\n' "$child"
  done
}

# Ends the server: asks it, so that it writes its summary, and kills it after 10 s. A process of its
# that outlives it is killed too, and a failure.
stop_serve() {
  local pid=$SERVE_PID tree child tries status=0
  SERVE_PID=
  [[ -n $pid ]] || return 0
  tree=$(descendants "$pid")
  kill -INT "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 200; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || status=$?
  for child in $tree; do
    kill -KILL "$child" 2>/dev/null || continue
    say "phork serve left process $child behind"
    status=1
  done
  return "$status"
}

# Waits for the server's line `ready: http://127.0.0.1:PORT/` and prints the URL without last slash.
wait_until_ready() {
  local log=$1 url tries
  for ((tries = 0; tries < 600; tries++)); do
    url=$(sed -nE 's#^ready: (http://[^ /]+).*#\1#p' "$log")
    [[ -z $url ]] || { printf '%s\n' "$url" && return 0; }
    kill -0 "$SERVE_PID" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

show_serve_log() {
  printf 'dev: demo: strategy %s: %s; the last lines of its log:\n' "$1" "$2" >&2
  tail -n 20 "$SCRATCH/serve.log" >&2
}

# usage: demo_strategy STRATEGY ISOLATED; EXAMPLE, HANDLER, WARMUP, PAGE, AB_FLAGS: what to ask.
demo_strategy() {
  local url cpu status=0
  say "demo: $1: 100 requests for $PAGE"
  rm -f "$SCRATCH"/{serve.log,summary.json,ab.txt,ab.csv}
  : >"$SCRATCH/serve.log"
  set -m # a background job gets SIGINT only as a job
  PHORK_WARMUP=$WARMUP build/phork serve "$EXAMPLE" --handler "$HANDLER" --strategy "$1" \
    --port 0 --concurrency 1 --summary "$SCRATCH/summary.json" \
    >"$SCRATCH/serve.log" 2>&1 </dev/null &
  SERVE_PID=$!
  set +m
  if ! url=$(wait_until_ready "$SCRATCH/serve.log"); then
    stop_serve || true
    show_serve_log "$1" 'no ready line'
    return 1
  fi
  cpu=$(php .ci/tool.php tree-cpu "$SERVE_PID")
  ab -q -c 1 -n 100 "${AB_FLAGS[@]}" -e "$SCRATCH/ab.csv" "$url$PAGE" >"$SCRATCH/ab.txt" 2>&1 ||
    status=$?
  ((status == 0)) || tail -n 3 "$SCRATCH/ab.txt" >&2
  cpu=$(($(php .ci/tool.php tree-cpu "$SERVE_PID") - cpu))
  stop_serve || status=$?
  if [[ -s $SCRATCH/summary.json && -s $SCRATCH/ab.csv ]]; then
    php .ci/tool.php demo-row "$SCRATCH" "$1" "$2" "$cpu" >>"$SCRATCH/table" || status=1
  else
    status=1
  fi
  ((status == 0)) || show_serve_log "$1" 'an event, ab or the server failed'
  return "$status"
}

cmd_demo() {
  local EXAMPLE=examples/symfony HANDLER=phork.php AB_FLAGS=() failed=0
  local strategies=() strategy isolated
  local WARMUP='GET /hello/warm-up?minimum_km=1' PAGE='/hello/Ada?minimum_km=50000'
  cmd_build build
  scratch
  if ! fetch_example symfony; then
    say 'demo: examples/symfony cannot be used (its packages are missing): using examples/hello'
    # Its answer counts, so its length varies (-l).
    EXAMPLE=examples/hello HANDLER=index.php AB_FLAGS=(-l) WARMUP='' PAGE=/
  fi
  : >"$SCRATCH/table"
  mapfile -t strategies < <(build/bootstrap --list-strategies)
  for strategy in "${strategies[@]}"; do
    read -r _ strategy isolated <<<"$strategy"
    if [[ $isolated == isolated ]]; then isolated=yes; else isolated=no; fi
    demo_strategy "$strategy" "$isolated" && continue
    failed=1
    grep -q "^$strategy " "$SCRATCH/table" ||
      printf '%-10s %-8s did not finish\n' "$strategy" "$isolated" >>"$SCRATCH/table"
  done
  printf '\n%s: ab -c 1 -n 100. Times in ms; CPU: user and system time of all processes of the\n' \
    "$EXAMPLE"
  printf 'runtime per event; latency and billed as seen by the Runtime API\n'
  printf 'fpm isolates as php-fpm does: docs/isolation.md\n\n'
  printf '%-10s %-8s %6s %7s %7s %7s %7s %10s %9s %7s %7s %7s\n' strategy isolated failed 'ab p50' \
    'ab p90' 'ab p99' CPU latency50 'billed50' cold 'PSS MB' faults
  cat "$SCRATCH/table"
  ((failed == 0 && ${#strategies[@]} > 0)) || fail 'demo: a strategy failed: see the lines above'
}
