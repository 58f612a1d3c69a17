# SPDX-License-Identifier: MIT
#
# `./dev bench`: sourced by dev, whose helpers it uses. Builds, fetches the pages that are measured
# and hands over to phork-bench, whose exit code says whether every target is met.
# shellcheck shell=bash

# Scenario cold-start, of the build and of the layer that is made of it. usage: bench_cold FLAG...
bench_cold() {
  local opt
  cmd_layer >&2
  opt=$SCRATCH/opt
  unzip -q "dist/phork-layer-php$(php_version)-$(dpkg --print-architecture).zip" -d "$opt"
  build/phork-bench fork --only cold-start --layer "$opt" "$@"
}

# usage: cmd_bench [SUITE] [FLAG...]; paths in flags are relative to the project's root.
cmd_bench() {
  local suite=${1:-fork} example commit
  (($# == 0)) || shift
  [[ $suite == fork || $suite == cold || $suite == soak || $suite == ratios ]] ||
    fail "bench: suite '$suite': expected fork, cold, soak or ratios"
  cmd_setup
  timed build build_tree build programs phork-bench || fail 'bench: build: see the lines above'
  for example in symfony laravel; do
    fetch_example "$example" ||
      say "bench: examples/$example cannot be used (its packages are missing): it is skipped"
  done
  commit=$(git describe --always --dirty 2>/dev/null) || commit=unknown
  if [[ $suite == cold ]]; then
    bench_cold --commit "$commit" "$@"
  else
    build/phork-bench "$suite" --commit "$commit" "$@"
  fi
}
