# SPDX-License-Identifier: MIT
#
# `./dev mutate`: sourced by dev, whose helpers it uses. Makes the product wrong in one place after
# the other, and says which tests notice. By hand and before a release: each edit is a build.
# shellcheck shell=bash

cmd_mutate() {
  setup_build
  install_packages "${TEST_PACKAGES[@]}"
  local -x CXX
  CXX=$(compiler g++)
  mkdir -p build-mutate
  php tests/mutations/runner/run.php "$ROOT/build-mutate/tree" "$@"
}
