# SPDX-License-Identifier: MIT
#
# `./dev deb`: sourced by dev, whose helpers it uses. Builds Debian's package of the last commit,
# for the Debian that this is.
# shellcheck shell=bash
# shellcheck disable=SC2153  # ROOT is of dev

# Debian's lintian tags of these severities fail the build.
DEB_FAIL_ON=error,warning

# Seconds since 1970 of the last commit: the time of everything that is built from it.
commit_time() { git log -1 --format=%ct; }

# The version in meson.build, for the commit that its tag names; else with date and hash behind it.
commit_version() {
  local version
  version=$(sed -nE "s/^ *version: '([^']+)',/\1/p" meson.build)
  if [[ $(git tag --points-at HEAD) != *"v$version"* ]]; then
    version+=$(TZ=UTC git log -1 --date=format-local:%Y%m%d --format='+git%cd.%h' --abbrev=8)
  fi
  printf '%s\n' "$version"
}

# The files that git knows and that differ from the last commit.
changed_files() { git status --porcelain --untracked-files=no | wc -l; }

# Ends when no commit is here, of which everything is made. usage: need_commit COMMAND
need_commit() {
  git rev-parse --quiet --verify HEAD >/dev/null 2>&1 ||
    fail "$1: '$ROOT': expected a clone with a commit, of which packages are made: use git clone"
}

# Ends when artefacts have no place, before hours of work. usage: need_dist COMMAND
need_dist() {
  mkdir -p dist 2>/dev/null || true
  [[ -d dist && -w dist ]] ||
    fail "$1: '$ROOT/dist': expected a folder that can be written: remove it, or use another clone"
}

# Moves artefacts into dist/, each whole or not at all. usage: keep_artefacts FILE...
keep_artefacts() {
  local file
  for file in "$@"; do
    # A file system of its own for scratch is usual.
    if ! cp "$file" "dist/.new" || ! mv -f dist/.new "dist/${file##*/}"; then
      rm -f dist/.new
      return 1
    fi
    rm "$file"
  done
}

# Puts the files of the last commit below a folder; nothing else is ever packaged.
export_commit() {
  (($(changed_files) == 0)) ||
    say "changes that are not committed are left out: $(changed_files) files"
  mkdir -p "$1"
  git archive HEAD | tar -x -C "$1"
}

# "12" on Debian 12. usage: debian_release VARIABLE-OF-OS-RELEASE
debian_release() {
  (
    # shellcheck source=/dev/null
    . /etc/os-release
    [[ $ID == debian ]] || fail "deb: this is $(system PRETTY_NAME): build in Debian (./dev debian)"
    printf '%s\n' "${!1}"
  )
}

# Builds the package in a folder, whose place the package does not know. usage: build_deb DIR ARCH
build_deb() {
  local dir=$1 arch=$2 suffix time flags=()
  time=$(commit_time)
  suffix=+deb$(debian_release VERSION_ID)
  export_commit "$dir/phork"
  cp -r packaging/debian "$dir/phork/debian"
  sed -i "s/@PHP@/$(php_version)/g" "$dir/phork/debian/control" "$dir/phork/debian/rules"
  php tools/release/changelog.php "$(commit_version)$suffix" "$suffix" "$time" \
    <CHANGELOG.md >"$dir/phork/debian/changelog"
  local -x CXX SOURCE_DATE_EPOCH=$time PHORK_SYSROOT='' PHORK_CROSS_FILE=''
  CXX=$(compiler g++)
  if [[ $arch != "$(dpkg --print-architecture)" ]]; then
    PHORK_SYSROOT=$(sysroot "$arch") || return 1
    PHORK_CROSS_FILE=$dir/cross/cross.ini
    cross_file "$dir/cross" "$PHORK_SYSROOT"
    # The packages that it builds with are in the folder, and not installed.
    flags=(--host-arch="$arch" --no-check-builddeps)
  fi
  (
    cd "$dir/phork"
    dpkg-buildpackage --build=binary --no-sign --jobs="$(nproc)" "${flags[@]}"
  ) >"$dir/log" 2>&1 || {
    tail -n 30 "$dir/log" >&2
    return 1
  }
}

# Builds once more in another folder and compares. usage: check_deb_twice FILE ARCH
check_deb_twice() {
  local name
  name=$(basename "$1")
  timed 'deb: once more' build_deb "$SCRATCH/deb-again-in-another-folder" "$2" || return 1
  cmp "$1" "$SCRATCH/deb-again-in-another-folder/$name"
}

# A hook of mmdebstrap. Not chroot(8), in which the kernel makes no name spaces for `nobody`, and
# `phork package` needs some; nor mmdebstrap's own /proc, which cannot be written.
# shellcheck disable=SC2016  # for the inner shells
AS_NOBODY='unshare --mount sh -c '\''
  mount --make-rprivate / && mount --rbind "$0" "$0" && cd "$0" && pivot_root . . &&
    umount -l . && cd / && mount -t proc proc /proc &&
    exec /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/installed >&2'\'' "$1"'

# Installs the package in a fresh root of this Debian, as people do, and runs it there; then serves
# from that root.
check_deb_installed() {
  local log=$SCRATCH/deb-root.log root=$SCRATCH/deb-root
  cp "$1" "$SCRATCH/phork.deb"
  # mmdebstrap turns recommended packages off, which people get; its PATH is ours.
  # shellcheck disable=SC2016  # $1 is the hook's
  mmdebstrap --variant=minbase --format=tar \
    --customize-hook="copy-in '$SCRATCH/phork.deb' tests/packaging/installed /tmp" \
    --customize-hook='chroot "$1" apt-get install -y -o APT::Install-Recommends=1 /tmp/phork.deb' \
    --customize-hook="$AS_NOBODY" \
    "$(debian_release VERSION_CODENAME)" "$root.tar" >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    return 1
  }
  grep '^passed: ' "$log" >&2
  rm -rf "$root"
  mkdir -p "$root/var/task"
  tar --extract --file="$root.tar" --directory="$root" --exclude='./dev/*' && rm "$root.tar" &&
    check_served "$root"
}

# usage: cmd_deb [--check] [--arch ARCH]
cmd_deb() {
  local check=no native arch file
  native=$(dpkg --print-architecture) arch=$native
  while (($# > 0)); do
    case $1 in
      --check) check=yes ;;
      --arch)
        (($# > 1)) || fail 'deb: --arch: expected amd64 or arm64 behind it'
        arch=$2 && shift
        ;;
      *) fail "deb: argument '$1': expected --check or --arch" ;;
    esac
    shift
  done
  check_arch deb "$arch"
  need_commit deb
  need_dist deb
  setup_build
  install_packages "${PACKAGING_PACKAGES[@]}"
  [[ $arch == "$native" ]] || install_packages "${CROSS_PACKAGES[@]}"
  scratch
  rm -rf "$SCRATCH/deb"
  timed 'deb: build' build_deb "$SCRATCH/deb" "$arch" || fail 'deb: build: see the lines above'
  file=$(find "$SCRATCH/deb" -maxdepth 1 -name 'phork_*.deb')
  timed 'deb: lintian' lintian --allow-root --fail-on "$DEB_FAIL_ON" "$file" >&2 ||
    fail 'deb: lintian: see the lines above'
  if [[ $check == yes ]]; then
    timed 'deb: reproducible' check_deb_twice "$file" "$arch" || fail 'deb: two builds differ'
    if [[ $arch == "$native" ]]; then
      timed 'deb: installed' check_deb_installed "$file" || fail 'deb: see the lines above'
    else
      check_emulated "$file" "$(sysroot "$arch")" || fail 'deb: see the lines above'
    fi
  fi
  keep_artefacts "$file" || fail 'deb: see the lines above'
  printf 'dist/%s\n' "$(basename "$file")"
}

# phork's package of this commit: the one in dist/, or a new one. For the PHP of another Debian it
# is the one that `./dev debian` has left. usage: package_of COMMAND PHP ARCH
package_of() {
  local suite folder=dist name
  suite=$(debian_of "$2") || return 1
  name=phork_$(commit_version)+deb${DEBIAN_NUMBER[$suite]}_$3.deb
  [[ $(debian_release VERSION_CODENAME) == "$suite" ]] || folder=dist/$suite
  if [[ ! -f $folder/$name ]]; then
    [[ $folder == dist ]] ||
      fail "$1: find '$folder/$name': make it with ./dev debian $suite deb --arch $3"
    cmd_deb --arch "$3" >&2
  fi
  printf '%s\n' "$folder/$name"
}
