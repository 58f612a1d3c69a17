# SPDX-License-Identifier: MIT
#
# `./dev test`: sourced by dev, whose helpers it uses. Builds and tests one or more trees and ends
# with the line that CI counts by.
# shellcheck shell=bash

PASSED=0 FAILED=0 SKIPPED=0 FAILURES=

# Adds "passed failed skipped" to the sums. A run that failed without a failed test counts as one.
# usage: add_counts STATUS COUNTS
add_counts() {
  local passed failed skipped
  read -r passed failed skipped <<<"$2"
  if (($1 != 0 && failed == 0)); then failed=1; fi
  ((PASSED += passed, FAILED += failed, SKIPPED += skipped)) || true
}

# usage: add_failures TEXT; empty when nothing failed.
add_failures() {
  if [[ -n $1 ]]; then FAILURES+=$1$'\n'; fi
}

# The end of a test run: what failed, once more, as much has been printed since then; and the sums.
finish_tests() {
  local skipped=
  if [[ -n $FAILURES ]]; then printf '==> what failed\n%s' "$FAILURES"; fi
  ((SKIPPED == 0)) || skipped=", $SKIPPED skipped"
  printf '%d passed, %d failed%s\n' "$PASSED" "$FAILED" "$skipped"
  ((FAILED == 0 && PASSED > 0))
}

# usage: test_tree BUILD_DIR SUITE...; no suite means all.
test_tree() {
  local tree=$1 suite options=() log=$1/meson-logs/testlog.json status=0
  if [[ $tree == build-asan ]]; then # its processes start and fork many times slower
    local -x PHORK_TEST_EVENTS=100
    options=(--timeout-multiplier 4)
  fi
  shift
  if ! timed "$tree" build_tree "$tree" all meson-test-prereq; then
    add_counts 1 '0 0 0'
    return 0
  fi
  for suite in "$@"; do options+=(--suite "$suite"); done
  # Tests wait for processes and deadlines a third of their time.
  options+=(--num-processes $(($(nproc) + 1)))
  rm -f "$log"
  # PHP keeps memory until its process ends; everything else has to give back what it took.
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
    LSAN_OPTIONS="suppressions=$ROOT/.ci/lsan.supp:print_suppressions=0" \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    timed "$tree: tests" meson test -C "$tree" --no-rebuild --print-errorlogs "${options[@]}" ||
    status=$?
  add_counts "$status" "$(php .ci/tool.php meson-counts "$log")"
  add_failures "$(php .ci/tool.php meson-failures "$log")"
}

test_php() {
  local status suite
  scratch
  # Tests with the real runtime are skipped without it: PHP alone is no reason to build.
  [[ ! -x build/phork ]] || export PHORK_HOME=$ROOT/build
  # The bridges' tests load the packages of a framework, each in a process of its own.
  for suite in tests/php tests/bridges/*; do
    [[ -f $suite/phpunit.xml.dist ]] || continue
    status=0
    timed "phpunit $suite" phpunit --configuration "$suite" \
      --log-junit "$SCRATCH/junit.xml" || status=$?
    add_counts "$status" "$(php .ci/tool.php junit-counts "$SCRATCH/junit.xml")"
    add_failures "$(php .ci/tool.php junit-failures "$SCRATCH/junit.xml")"
  done
}

# Rooms whose unit tests qemu-user 7.2 can run. Those of the others start processes (clone3, pidfd),
# or ask the kernel for what it does not know: TCP_INFO, mincore, attributes of processes.
CROSS_ROOMS=(base http logging tracing)

# The unit tests of these rooms for another architecture. usage: test_cross ARCH
test_cross() {
  local tree=build-$1 log=build-$1/meson-logs/testlog.json folder room targets=() status=0
  folder=$(sysroot "$1") || exit 1
  for room in "${CROSS_ROOMS[@]}"; do targets+=("tests/unit/${room}_test"); done
  rm -rf "$tree"
  cross_file "$PHORK_CACHE_DIR/cross-$1" "$folder"
  if meson setup "$tree" --cross-file "$PHORK_CACHE_DIR/cross-$1/cross.ini" -Db_pch=false &&
    timed "$tree" ninja -C "$tree" "${targets[@]}"; then
    timed "$tree: tests" meson test -C "$tree" --no-rebuild --print-errorlogs --suite unit \
      "${CROSS_ROOMS[@]}" || status=$?
  else
    status=1
  fi
  add_counts "$status" "$(php .ci/tool.php meson-counts "$log")"
  add_failures "$(php .ci/tool.php meson-failures "$log")"
}

# usage: cmd_test [--all] [SUITE...]; `php` is PHPUnit, any other name a suite of Meson; or
#   cmd_test --arch ARCH
cmd_test() {
  local all=no argument suites=()
  if [[ ${1-} == --arch ]]; then
    (($# == 2)) || fail 'test: --arch: expected arm64 behind it, and nothing else'
    check_arch test "$2"
    [[ $2 != "$(dpkg --print-architecture)" ]] || fail "test: --arch $2: that is ./dev test unit"
    cmd_setup
    install_packages "${CROSS_PACKAGES[@]}"
    test_cross "$2"
    finish_tests
    return
  fi
  for argument in "$@"; do
    case $argument in
      --all) all=yes ;;
      -*) fail "test: flag '$argument': expected --all" ;;
      *) suites+=("$argument") ;;
    esac
  done
  cmd_setup
  fetch_examples
  # `php` alone needs no program of ours.
  [[ ${suites[*]} == php ]] || test_tree build "${suites[@]}"
  if [[ ${#suites[@]} == 0 || " ${suites[*]} " == *' php '* ]]; then test_php; fi
  if [[ $all == yes ]]; then
    test_tree build-asan unit integration fuzz
  fi
  finish_tests
}
