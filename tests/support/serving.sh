# SPDX-License-Identifier: MIT
#
# Sourced by tests that serve the examples: a server of the emulator, and the answers that are
# right. LOG is the file of the server's log.
# shellcheck shell=bash

SERVER=
URL=
# Protects nothing.
export APP_KEY=base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

# Not to stdout, which a function's caller may read.
fail() {
  printf 'failed: %s\n' "$*" >&2
  [[ ! -s $LOG ]] || tail -n 20 "$LOG" >&2
  exit 1
}

passed() { printf 'passed: %s\n' "$*"; }

stop() {
  [[ -n $SERVER ]] || return 0
  kill -INT "$SERVER" 2>/dev/null || true
  wait "$SERVER" 2>/dev/null || true
  SERVER=
}

# Runs `phork serve` and sets URL; false when it did not start, which is in the log.
# usage: serve PHORK FOLDER ARGUMENT...
serve() {
  local phork=$1 deadline=$((SECONDS + 60))
  shift
  : >"$LOG" # the address in it was that of an earlier server
  "$phork" serve "$@" --port 0 --no-reload >"$LOG" 2>&1 &
  SERVER=$!
  until URL=$(sed -nE 's#^ready: (http://[^ ]+)/ .*#\1#p' "$LOG") && [[ -n $URL ]]; do
    kill -0 "$SERVER" 2>/dev/null || return 1
    ((SECONDS < deadline)) || fail "phork serve $1: no ready line"
    sleep 0.05
  done
}

# usage: expect PATH TEXT
expect() {
  local answer
  answer=$(curl -sS --noproxy '*' -w '\n%{http_code}' "$URL$1")
  [[ $answer == *"$2"*$'\n200' ]] || fail "GET $1: expected 200 and '$2', got '$answer'"
}

# Two events of one environment, each with the words of its own request. usage: check_pages EXAMPLE
check_pages() {
  case $1 in
    symfony)
      expect '/hello/Ada?minimum_km=50000' 'Hello, Ada'
      expect '/hello/Grace' 'Hello, Grace'
      ;;
    slim)
      expect '/hello/Ada?times=2' 'Hello, Ada! Hello, Ada!'
      expect '/' '<form'
      ;;
    laravel)
      expect '/api/hello/Ada?times=2' 'Hello, Ada! Hello, Ada!'
      expect '/' '<form'
      ;;
  esac
}

# The application has not tried to write where it cannot.
check_no_writes() {
  ! grep -E 'Read-only|Permission denied|must be (present and )?writ' "$LOG" ||
    fail "$1: the application has tried to write"
}
