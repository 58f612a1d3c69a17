# SPDX-License-Identifier: MIT
#
# `./dev lint` and `./dev format`: sourced by dev, whose helpers it uses.
# shellcheck shell=bash

# clang-tidy over each source whose text, own headers, flags or rules are not those of a clean run:
# clean runs are kept in PHORK_CACHE_DIR. usage: run_tidy ALL DEEP (each `yes` or `no`)
run_tidy() {
  local tree=build-clang clean=$PHORK_CACHE_DIR/tidy
  configure "$tree" >/dev/null || return 1
  mkdir -p "$clean"
  [[ $1 == no ]] || find "$clean" -type f -delete
  # A result that no run has asked for in a month is of a state that is gone.
  find "$clean" -type f -atime +30 -mtime +30 -delete
  # shellcheck disable=SC2016  # for the inner shell
  php .ci/tool.php tidy-candidates "$tree" "$clean" "$2" |
    xargs -r -P "$(nproc)" -L 1 sh -c '
      if report=$(clang-tidy --quiet "--checks=$3" -p "$0" "$2" 2>&1); then
        : >"$1"
      else
        printf "%s\n" "$report"
        exit 1
      fi' "$tree"
}

# All PHP except fixtures that are wrong on purpose.
lint_php() {
  # shellcheck disable=SC2016  # for the inner shell
  sources php | grep -zv '/syntax_error\.php$' | xargs -0 -r -P "$(nproc)" -n 1 sh -c \
    'report=$(php -l "$0" 2>&1) || { printf "%s\n" "$report"; exit 1; }'
}

# PHPStan, which Composer fetches, on the part of our Composer package that its phpstan.neon names.
# The bridges are checked against the frameworks of two examples.
lint_phpstan() {
  fetch_example laravel-queue && fetch_example symfony-messenger || return 1
  COMPOSER_ALLOW_SUPERUSER=1 timeout 300 composer install --working-dir=php-worker \
    --no-interaction --no-progress --prefer-dist --quiet ||
    { say 'lint: composer cannot fetch phpstan/phpstan: is there a network?' && return 1; }
  php php-worker/vendor/bin/phpstan analyse --configuration=php-worker/phpstan.neon \
    --memory-limit=1G --no-progress --error-format=raw
}

cmd_lint() {
  local failed=() scripts check all=no deep=no flag
  for flag in "$@"; do
    case $flag in
      --all) all=yes ;;
      --deep) deep=yes ;;
      *) fail "lint: flag '$flag': expected --all or --deep" ;;
    esac
  done
  cmd_setup
  scripts=(dev .ci/run tools/dev/*.sh deploy/image/{debian-sources,make-root}
    tests/packaging/{emulated,installed,served} tests/readonly/run tests/support/serving.sh
    bench/subjects/bref/{run,compare,bin/*})
  for check in \
    'sources h cpp | xargs -0 clang-format --dry-run -Werror' \
    "shellcheck ${scripts[*]}" \
    'php tests/structure/check.php' \
    'lint_php' \
    'lint_phpstan' \
    "run_tidy $all $deep"; do
    timed "lint: $check" eval "$check" || failed+=("$check")
  done
  ((${#failed[@]} == 0)) || fail "lint: ${#failed[@]} of 6 checks failed: ${failed[*]@Q}"
}

cmd_format() {
  cmd_setup
  sources h cpp | xargs -0 clang-format -i
}
