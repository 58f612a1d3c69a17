# SPDX-License-Identifier: MIT
#
# `./dev debian`: sourced by dev, whose helpers it uses. Builds and tests a clean clone in a root of
# another Debian. The root's archive is kept in PHORK_CACHE_DIR, by release, packages and month, and
# each run unpacks it, so that nothing of one run is left for the next. All mounts lie in a mount
# namespace, all processes in a pid namespace: both are gone when the run ends, however it ends.
# shellcheck shell=bash
# shellcheck disable=SC2153  # ROOT, PHP and the lists of packages are of dev and setup.sh

DEBIAN_RUN= # of the process whose end ends all in the root, while it runs

stop_debian() {
  local pid=$DEBIAN_RUN
  DEBIAN_RUN=
  [[ -n $pid ]] || return 0
  kill -KILL "$pid" 2>/dev/null || true # the kernel then kills the namespace's first process
  wait "$pid" 2>/dev/null || true
}

# Prints this machine's sources of Debian's packages, a line each, for another release: mirrors stay
# as they are set up here. Reads both formats of sources.list(5). usage: debian_sources RELEASE
debian_sources() {
  local here found
  here=$(system VERSION_CODENAME)
  found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
    awk -v here="$here" -v release="$1" '
      function emit(uris, suites, components, u, s, i, j) {
        split(uris, u, " "); split(suites, s, " ")
        for (i in u) for (j in s) {
          if (s[j] !~ "^" here "(-(updates|security))?$") continue
          sub("^" here, release, s[j])
          print "deb", u[i], s[j], components
          sub("^" release, here, s[j])
        }
      }
      /^#/ {next}
      /^deb / {
        sub(/\[[^]]*\] */, "")
        uri = $2; suite = $3; $1 = $2 = $3 = ""
        emit(uri, suite, $0)
      }
      /^Types:/ {binary = /deb( |$)/}
      /^URIs:/ {sub(/^[^:]*: */, ""); uris = $0}
      /^Suites:/ {sub(/^[^:]*: */, ""); suites = $0}
      /^Components:/ {sub(/^[^:]*: */, ""); if (binary) emit(uris, suites, $0)}')
  if [[ $(system ID) == debian && -n $found ]]; then
    sort -u <<<"$found"
  else
    printf 'deb http://deb.debian.org/debian %s main\n' "$1" "$1-updates"
    printf 'deb http://deb.debian.org/debian-security %s-security main\n' "$1"
  fi
}

# Makes the archive of the root, unless it is there, and sets ARCHIVE. usage: debian_archive RELEASE
debian_archive() {
  local release=$1 folder=$PHORK_CACHE_DIR/debian key settings=$SCRATCH/apt.conf sources packages
  list_packages "${PHORK_PHP:-${DEBIAN_PHP[$release]}}"
  packages=$(IFS=, && printf '%s' "${PACKAGES[*]},${TEST_PACKAGES[*]}")
  sources=$(debian_sources "$release")
  apt-config dump | grep -E '^Acquire::(https?|Retries)::?' >"$settings" || true
  key=$({ printf '%s\n' "$packages" "$sources" "$(date +%Y-%m)" && cat "$settings"; } |
    sha256sum | cut -c 1-16)
  ARCHIVE=$folder/$release-$key.tar
  [[ ! -f $ARCHIVE ]] || return 0
  mkdir -p "$folder" "$SCRATCH/mmdebstrap"
  say "debian: making a root of $release, once a month; this takes minutes"
  # Lists stay: tests ask apt for packages. Xdebug as `./dev setup` leaves it.
  TMPDIR=$SCRATCH/mmdebstrap mmdebstrap --mode=root \
    --variant=minbase --skip=cleanup/apt/lists --aptopt="$settings" \
    --dpkgopt=force-unsafe-io --include="$packages" \
    --customize-hook="chroot \"\$1\" phpdismod -v $PHP xdebug" \
    "$release" "$SCRATCH/root.tar" - <<<"$sources" 2>"$SCRATCH/mmdebstrap.log" ||
    fail "debian: make a root of $release: $(grep -m 1 '^E:' "$SCRATCH/mmdebstrap.log"); is there" \
      "a network? This machine's sources of packages are used"
  find "$folder" -name "$release-*.tar" -delete
  mv "$SCRATCH/root.tar" "$ARCHIVE"
}

# Unpacks the root and puts a clone of the last commit into it. usage: fill_debian ROOT
fill_debian() {
  mkdir -p "$1"
  # Device files come from this machine.
  timed 'debian: unpack' tar -xf "$ARCHIVE" -C "$1" --exclude='./dev/*'
  cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
  # The certificates of this machine's mirrors, as one file and for programs that read the folder.
  cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
  mkdir -p "$1/var/cache/phork" "$1/phork"
  git clone --quiet --no-hardlinks "$ROOT" "$1/phork"
  [[ -z $(git status --porcelain) ]] || say 'debian: only committed changes are in the clone'
}

# Runs a program in the root: its mounts, its processes and its shared memory are its own.
# usage: run_in_debian ROOT PROGRAM...
run_in_debian() {
  local root=$1 environment=() name
  shift
  for name in CI TERM PHORK_TEST_EVENTS http_proxy https_proxy no_proxy; do
    [[ -z ${!name:-} ]] || environment+=("$name=${!name}")
  done
  # shellcheck disable=SC2016  # for the inner shell
  unshare --mount --ipc --pid --fork --kill-child bash -c '
    set -e
    root=$1 cache=$2
    shift 2
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs shm "$root/dev/shm"
    mount --bind "$cache" "$root/var/cache/phork"
    cd "$root"
    # Not chroot: programs that make namespaces would then read paths of this machine in /proc.
    pivot_root . .
    umount -l .
    exec /usr/bin/env -i "$@"' - "$root" "$PHORK_CACHE_DIR" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    PHORK_CACHE_DIR=/var/cache/phork COMPOSER_CACHE_DIR=/var/cache/phork/composer \
    npm_config_cache=/var/cache/phork/npm NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    "${environment[@]}" PHORK_PHP="$PHP" sh -c 'cd /phork && exec "$@"' - "$@" </dev/null &
  DEBIAN_RUN=$!
  local status=0
  wait "$DEBIAN_RUN" || status=$?
  DEBIAN_RUN=
  return "$status"
}

# Brings the artefacts and the logs of the tests out. usage: keep_results ROOT RELEASE
keep_results() {
  local kept=dist/$2 log
  rm -rf "$kept"
  mkdir -p "$kept"
  [[ ! -d $1/phork/dist ]] || cp -a "$1/phork/dist/." "$kept/"
  for log in "$1"/phork/build*/meson-logs/testlog.txt; do
    [[ ! -f $log ]] || cp "$log" "$kept/$(basename "${log%/meson-logs/*}")-testlog.txt"
  done
  say "debian: artefacts and logs: $kept"
}

# usage: cmd_debian RELEASE [COMMAND...] or cmd_debian RELEASE -- PROGRAM...
cmd_debian() {
  local release=${1:-} status=0 ARCHIVE
  [[ -n ${DEBIAN_PHP[$release]:-} ]] ||
    fail "debian: release '$release': expected one of ${!DEBIAN_PHP[*]}"
  ((EUID == 0)) || fail 'debian: this makes mounts: run it as root'
  shift
  if (($# == 0)); then set -- test; fi
  if [[ $1 == -- ]]; then shift; else set -- ./dev "$@"; fi
  install_packages mmdebstrap debian-archive-keyring git
  scratch
  debian_archive "$release"
  fill_debian "$SCRATCH/root"
  timed "debian: $release: $*" run_in_debian "$SCRATCH/root" "$@" || status=$?
  keep_results "$SCRATCH/root" "$release"
  return "$status"
}
