# SPDX-License-Identifier: MIT
#
# `./dev setup`: sourced by dev, whose helpers it uses. Installs the Debian packages that are
# missing. Every failure is one line that says what is missing and what to do.
# shellcheck shell=bash

# Everything that a build needs; packages that these depend on are not listed again. php8.2-fpm is
# there for its program: setup does not start the service.
PACKAGES=(
  build-essential pkg-config meson ninja-build python3
  libuv1-dev libsimdjson-dev libcli11-dev libcpp-httplib-dev
  libphp8.2-embed php8.2-dev php8.2-cli php8.2-opcache php8.2-mbstring php8.2-xml php8.2-intl
  php8.2-fpm composer ca-certificates curl git unzip apache2-utils
)
# Only tests and benchmarks need these: clients of AWS, browsers, load, other servers of PHP, and
# ccache, which pays from the second build on.
TEST_PACKAGES=(
  ccache clang clang-format clang-tidy libclang-rt-14-dev doctest-dev shellcheck phpunit nginx-light
  php8.2-pgsql
  # Applications that tests/apps runs and the libraries they look for; they are only unpacked.
  php8.2-sqlite3 php-phpseclib php-geshi libjs-jquery libjs-jquery-ui libjs-jquery-cookie
  chromium chromium-driver awscli wrk php8.2-cgi php-json-schema
  php8.2-xdebug  # loaded by the tests that need it
  criu           # copies running processes; its test is skipped where the kernel is too new for it
)
# A Node.js from elsewhere has its own npm and conflicts with Debian's packages.
command -v npm >/dev/null || TEST_PACKAGES+=(nodejs npm)

# usage: packages_in STATE-PATTERN PACKAGE...; STATE as in dpkg-query(1), `absent` for unknown ones.
packages_in() {
  local pattern=$1 package state
  shift
  for package in "$@"; do
    # shellcheck disable=SC2016  # the field is dpkg-query's
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
    # shellcheck disable=SC2053  # a pattern
    [[ $state != $pattern ]] || printf '%s\n' "$package"
  done
}

# "Debian 12", or how the system names itself.
system_name() {
  (
    # shellcheck source=/dev/null
    . /etc/os-release 2>/dev/null || true
    printf '%s\n' "${PRETTY_NAME:-an unknown system}"
  )
}

is_debian_12() {
  (
    # shellcheck source=/dev/null
    . /etc/os-release 2>/dev/null || exit 1
    [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]
  )
}

# The first error in a log of apt-get, for which a server that does not answer is only a warning.
apt_error() { sed -nE 's/^(E: |W: (Failed to fetch))/\2/p' "$1" | head -n 1; }

# Fails when `update` reached no server, too, which is no error for apt-get.
apt_get() {
  # SYSTEMD_OFFLINE keeps package scripts from starting services.
  "${AS_ROOT[@]}" env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 apt-get "$@" >"$log" 2>&1 &&
    { [[ $1 != update ]] || [[ -z $(apt_error "$log") ]]; }
}

# usage: run_apt WHAT-TO-DO ARGUMENT...; AS_ROOT: how to become root.
run_apt() {
  local advice=$1 log
  shift
  scratch
  log=$SCRATCH/apt.log
  timed "setup: apt-get $1" apt_get "$@" ||
    fail "setup: apt-get $1: $(apt_error "$log"); $advice"
}

# usage: install_packages PACKAGE...
install_packages() {
  local missing broken AS_ROOT=() wanted
  if ! command -v dpkg-query apt-get >/dev/null; then
    fail "setup: this is $(system_name), without apt-get: build in a container of debian:12"
  fi
  mapfile -t missing < <(packages_in '!(installed)' "$@")
  ((${#missing[@]} > 0)) || return 0
  is_debian_12 || fail "setup: this is $(system_name), where ${#missing[@]} packages of Debian 12" \
    "are missing (${missing[*]:0:3} ...): build on Debian 12, or in a container of debian:12"
  mapfile -t broken < <(packages_in '@(half-*|unpacked|triggers-*)' "${missing[@]}")
  ((${#broken[@]} == 0)) || fail "setup: packages are half installed (${broken[*]}):" \
    "run 'dpkg --configure -a && apt-get -f install' as root, then this again"
  wanted="apt-get install --no-install-recommends ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "setup: packages are missing and this is neither root nor sudo; as root: $wanted"
    sudo -n true 2>/dev/null || [[ -t 0 ]] ||
      fail "setup: packages are missing and sudo asks for a password; as root: $wanted"
    AS_ROOT=(sudo)
  fi
  say "setup: installing ${missing[*]}"
  run_apt "is there a network? The ${#missing[@]} packages above are missing" update
  run_apt "then, as root: $wanted" install -y --no-install-recommends "${missing[@]}"
  # Debian's package enables it, and it would slow down every PHP of this machine.
  [[ " ${missing[*]} " != *" php8.2-xdebug "* ]] || "${AS_ROOT[@]}" phpdismod -v 8.2 xdebug
}

setup_build() { install_packages "${PACKAGES[@]}"; }

cmd_setup() { install_packages "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"; }
