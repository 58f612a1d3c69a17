# SPDX-License-Identifier: MIT
#
# `./dev setup`: sourced by dev, whose helpers it uses. Installs the Debian packages that are
# missing. Every failure is one line that says what is missing and what to do.
# shellcheck shell=bash

declare -A DEBIAN_PHP=([bookworm]=8.2 [trixie]=8.4)

# The PHP that phork is built for: the one asked for, the one that is installed, else Debian's own.
php_version() {
  if [[ -n ${PHORK_PHP:-} ]]; then
    printf '%s\n' "$PHORK_PHP"
  elif command -v php-config >/dev/null; then
    php-config --version | cut -d . -f 1,2
  else
    printf '%s\n' "${DEBIAN_PHP[$(system VERSION_CODENAME)]:-8.4}"
  fi
}

# Fills PACKAGES, TEST_PACKAGES and PHP. Other names are the same in each Debian of DEBIAN_PHP.
# usage: list_packages VERSION-OF-PHP
list_packages() {
  PHP=$1
  [[ $PHP =~ ^[0-9]+\.[0-9]+$ ]] || fail "setup: PHORK_PHP: expected a version as 8.4, got '$PHP'"
  # Everything that a build needs; packages that these depend on are not listed again. php-fpm is
  # there for its program: setup does not start the service.
  PACKAGES=(
    build-essential pkg-config meson ninja-build python3
    libuv1-dev libsimdjson-dev libcli11-dev nlohmann-json3-dev libcpp-httplib-dev
    zlib1g-dev libarchive-dev libelf-dev libssl-dev patchelf bubblewrap
    "libphp$PHP-embed" "php$PHP-"{dev,cli,opcache,mbstring,xml,intl,fpm}
    composer ca-certificates curl git unzip apache2-utils
  )
  # Only tests and benchmarks need these: clients of AWS, browsers, load, other servers of PHP, and
  # ccache, which pays from the second build on.
  TEST_PACKAGES=(
    # libclang-rt-dev is of the version that clang is.
    ccache clang clang-format clang-tidy libclang-rt-dev doctest-dev shellcheck phpunit nginx-light
    "php$PHP-pgsql"
    # Applications that tests/apps runs and the libraries they look for; they are only unpacked.
    "php$PHP-sqlite3" php-geshi libjs-jquery libjs-jquery-ui libjs-jquery-cookie
    chromium chromium-driver awscli nodejs npm wrk "php$PHP-cgi" php-json-schema
    python3-yaml
    criu       # copies running processes; its test is skipped where the kernel is too new for it
    iptables   # with which criu holds connections
    mmdebstrap # roots that layers are made of
    "php$PHP-xdebug" # loaded by the tests that need it
  )
  case $PHP in # of DokuWiki
    8.2) TEST_PACKAGES+=(php-phpseclib) ;;
    *) TEST_PACKAGES+=(php-phpseclib3 php-kissifrot-php-ixr libphp-simplepie) ;;
  esac
}
# Only `./dev deb`, `./dev image` and `./dev release` need these.
# shellcheck disable=SC2034  # they use it
PACKAGING_PACKAGES=(debhelper lintian mmdebstrap umoci)

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

# A field of os-release(5), or "unknown".
system() {
  (
    # shellcheck source=/dev/null
    . /etc/os-release 2>/dev/null || true
    printf '%s\n' "${!1:-unknown}"
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

# A Node.js from elsewhere has its own npm and conflicts with Debian's packages.
without_present_npm() {
  if command -v npm >/dev/null; then grep -vxE 'nodejs|npm' || true; else cat; fi
}

# usage: install_packages PACKAGE...
install_packages() {
  local missing broken AS_ROOT=() wanted
  if ! command -v dpkg-query apt-get >/dev/null; then
    fail "setup: this is $(system PRETTY_NAME), without apt-get: build in a container of debian:13"
  fi
  mapfile -t missing < <(packages_in '!(installed)' "$@" | without_present_npm)
  ((${#missing[@]} > 0)) || return 0
  [[ $(system ID) == debian && -n ${DEBIAN_PHP[$(system VERSION_CODENAME)]:-} ]] ||
    fail "setup: this is $(system PRETTY_NAME), where ${#missing[@]} packages of Debian 12 and 13" \
      "are missing (${missing[*]:0:3} ...): build on one of them, or in a container of debian:13"
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
  [[ " ${missing[*]} " != *" php$PHP-xdebug "* ]] ||
    "${AS_ROOT[@]}" phpdismod -v "$PHP" xdebug
}

setup_build() {
  list_packages "$(php_version)"
  install_packages "${PACKAGES[@]}"
}

cmd_setup() {
  list_packages "$(php_version)"
  install_packages "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"
}
