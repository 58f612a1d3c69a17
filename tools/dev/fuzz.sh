# SPDX-License-Identifier: MIT
#
# `./dev fuzz`: sourced by dev, whose say, fail and timed it uses. Builds the fuzzers with all rooms
# instrumented in a tree of their own and runs them, two at a time. What a run learned is kept in
# build-fuzz/corpus; only --keep brings the part of it that adds coverage back into tests/fuzz.
# shellcheck shell=bash

FUZZ_TREE=build-fuzz
FUZZ_AT_ONCE=2

fuzz_targets() {
  local file
  for file in tests/fuzz/*_fuzz.cpp; do basename "$file" _fuzz.cpp; done
}

# usage: fuzz_build TARGET...
fuzz_build() {
  if [[ ! -f $FUZZ_TREE/build.ninja ]]; then
    say "$FUZZ_TREE: configuring"
    CXX=clang++ meson setup "$FUZZ_TREE" -Dphp="${PHORK_PHP:-}" -Ddebug=true -Doptimization=1 \
      '-Db_sanitize=address,undefined' -Db_lundef=false -Db_pch=false \
      -Dcpp_args=-fsanitize=fuzzer-no-link ||
      return 1
  fi
  set -- "${@/#/tests/fuzz/}"
  ninja -C "$FUZZ_TREE" "${@/%/_fuzz}"
}

# usage: fuzz_run TARGET ARGUMENT...
fuzz_run() {
  local program=$ROOT/$FUZZ_TREE/tests/fuzz/$1_fuzz
  shift
  PHORK_SOURCE=$ROOT UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$program" "$@"
}

# One target for that long. What it found, and its last figures, are said when it ends.
# usage: fuzz_target TARGET SECONDS
fuzz_target() {
  local target=$1 seconds=$2 status=0
  local learned=$FUZZ_TREE/corpus/$target findings=$FUZZ_TREE/findings/$target
  local log=$FUZZ_TREE/findings/$target.log options=()
  mkdir -p "$learned" "$findings"
  if [[ -f tests/fuzz/$target.dict ]]; then options=("-dict=tests/fuzz/$target.dict"); fi
  fuzz_run "$target" "-max_total_time=$seconds" -timeout=10 -print_final_stats=1 \
    "-artifact_prefix=$findings/" "${options[@]}" "$learned" "tests/fuzz/corpus/$target" \
    >"$log" 2>&1 </dev/null || status=$?
  say "fuzz: $target: $(sed -nE 's/^#[0-9]+[[:space:]]+(DONE +)?(cov: .*)/\2/p' "$log" | tail -n 1)"
  ((status == 0)) && return 0
  : >"$FUZZ_TREE/findings/$target.failed"
  say "fuzz: $target: failed; the input is in $findings, the report in $log:"
  grep -E '^(SUMMARY|fuzz:)|ERROR: |runtime error:|Test unit written' "$log" >&2 ||
    tail -n 5 "$log" >&2
  return 1
}

# Ends the runs under way: what an interrupted dev leaves to be done.
fuzz_stop() {
  local job child
  for job in $(jobs -p); do
    for child in $(descendants "$job") "$job"; do kill -KILL "$child" 2>/dev/null || true; done
  done
}

# Of the inputs that were learned, those that add coverage.
fuzz_keep() {
  local target=$1
  fuzz_run "$target" -merge=1 "tests/fuzz/corpus/$target" "$FUZZ_TREE/corpus/$target" \
    >"$FUZZ_TREE/findings/$target.merge.log" 2>&1
}

# usage: cmd_fuzz [--keep] [SECONDS] [TARGET...]; SECONDS are those of each target.
cmd_fuzz() {
  local keep=no seconds=600 target failed=0 known targets=()
  known=" $(fuzz_targets | tr '\n' ' ')"
  for target in "$@"; do
    if [[ $target == --keep ]]; then
      keep=yes
    elif [[ $target =~ ^[0-9]+$ ]]; then
      seconds=$target
    elif [[ $known == *" $target "* ]]; then
      targets+=("$target")
    else
      fail "fuzz: argument '$target': expected --keep, a number of seconds, or one of:${known% }"
    fi
  done
  ((${#targets[@]} > 0)) || mapfile -t targets < <(fuzz_targets)
  cmd_setup
  timed "$FUZZ_TREE" fuzz_build "${targets[@]}" || fail "fuzz: build: see the lines above"
  trap 'fuzz_stop; clean_up' EXIT
  for target in "${targets[@]}"; do
    while (($(jobs -pr | wc -l) >= FUZZ_AT_ONCE)); do wait -n || true; done
    rm -f "$FUZZ_TREE/findings/$target.failed"
    timed "fuzz: $target" fuzz_target "$target" "$seconds" &
  done
  wait
  for target in "${targets[@]}"; do
    [[ ! -e $FUZZ_TREE/findings/$target.failed ]] || failed=$((failed + 1))
  done
  ((failed == 0)) || fail "fuzz: $failed of ${#targets[@]} targets failed: see the lines above"
  [[ $keep == yes ]] || return 0
  for target in "${targets[@]}"; do
    timed "fuzz: keep $target" fuzz_keep "$target" || fail "fuzz: keep '$target': see its log"
  done
}
