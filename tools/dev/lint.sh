# SPDX-License-Identifier: MIT
#
# `./dev lint` and `./dev format`: sourced by dev, whose helpers it uses.
# shellcheck shell=bash

# clang-tidy over what changed since it was last found clean (--all: over everything).
run_tidy() {
  local tree=build-clang
  configure "$tree" >/dev/null || return 1
  [[ ${1:-} != --all ]] || rm -rf "$tree/tidy"
  mkdir -p "$tree/tidy"
  # shellcheck disable=SC2016  # for the inner shell
  sources h | tr '\0' '\n' | sort | php .ci/tool.php tidy-candidates "$tree" |
    xargs -r -P "$(nproc)" -L 1 sh -c '
      if report=$(clang-tidy --quiet -p "$0" "$2" 2>&1); then
        : >"$1"
      else
        printf "%s\n" "$report"
        exit 1
      fi' "$tree"
}

# All PHP but the fixtures that are wrong on purpose.
lint_php() {
  # shellcheck disable=SC2016  # for the inner shell
  sources php | grep -zv '/syntax_error\.php$' | xargs -0 -r -P "$(nproc)" -n 1 sh -c \
    'report=$(php -l "$0" 2>&1) || { printf "%s\n" "$report"; exit 1; }'
}

cmd_lint() {
  local failed=() check
  [[ ${1:---all} == --all ]] || fail "lint: flag '$1': expected --all"
  setup_build
  for check in \
    'sources h cpp | xargs -0 clang-format --dry-run -Werror' \
    'shellcheck dev .ci/run tools/dev/*.sh' \
    'php tests/structure/check.php' \
    'lint_php' \
    "run_tidy ${1:-}"; do
    timed "lint: $check" eval "$check" || failed+=("$check")
  done
  ((${#failed[@]} == 0)) || fail "lint: ${#failed[@]} of 5 checks failed: ${failed[*]@Q}"
}

cmd_format() {
  setup_build
  sources h cpp | xargs -0 clang-format -i
}
