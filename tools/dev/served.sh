# SPDX-License-Identifier: MIT
#
# The end of `./dev image`, `layer` and `deb` with --check: sourced by dev, whose helpers it uses.
# The same packages of the examples are served by all three.
# shellcheck shell=bash

# The rehearsal of an example's page.
warm_up_of() {
  case $1 in
    symfony) printf 'GET /hello/you' ;;
    laravel) printf 'GET /' ;;
  esac
}

# Packages an application and unpacks that. usage: make_function FOLDER OUT-FOLDER
make_function() {
  local name handler=index.php more=()
  name=$(basename "$2")
  [[ ! -f $1/phork.php ]] || handler=phork.php
  # Of an example: it has no secrets. Laravel's key protects nothing.
  [[ ! -f $1/.env ]] || more=(--include .env)
  PHORK_WARMUP=$(warm_up_of "$name") SOURCE_DATE_EPOCH=$(commit_time) \
    "$NATIVE_PROGRAMS/phork" package "$1" --handler "$handler" --out "$2.zip" "${more[@]}" \
    --env APP_KEY=base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= >"$2.log" 2>&1 ||
    { tail -n 5 "$2.log" >&2 && return 1; }
  mkdir "$2"
  unzip -q "$2.zip" -d "$2"
  warm_up_of "$name" >"$2.warmup"
}

# Makes what is served, once, below SCRATCH.
make_functions() {
  local name
  scratch
  [[ ! -d $SCRATCH/functions ]] || return 0
  need_programs || return 1
  for name in symfony laravel; do fetch_example "$name" || return 1; done
  mkdir "$SCRATCH/functions"
  chmod go+x "$SCRATCH"
  for name in hello symfony laravel; do
    make_function "examples/$name" "$SCRATCH/functions/$name" || return 1
  done
  make_function tests/fixtures/packaging/surroundings "$SCRATCH/functions/surroundings" || return 1
  # The source says so when it runs.
  sed -i "s/'compiled'/'source'/" "$SCRATCH/functions/surroundings/origin.php"
}

# usage: serve_functions FUNCTIONS ROOT [LAYER], as tests/packaging/served
serve_functions() { PHORK_BUILD=$NATIVE_PROGRAMS tests/packaging/served "$@" >&2; }

# Serves the packages from a deployment. usage: check_served ROOT [LAYER]
check_served() {
  timed 'functions' make_functions && serve_functions "$SCRATCH/functions" "$@"
}
