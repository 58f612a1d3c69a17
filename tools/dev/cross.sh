# SPDX-License-Identifier: MIT
#
# Builds for another architecture: sourced by dev, whose helpers it uses. The libraries are
# Debian's, unpacked into a folder of PHORK_CACHE_DIR; programs of that architecture that a build or
# a test has to run, run under qemu-user.
# shellcheck shell=bash

# Needed only to build for arm64 on another machine.
# shellcheck disable=SC2034  # deb.sh uses it
CROSS_PACKAGES=(crossbuild-essential-arm64 qemu-user-static mmdebstrap)

# Ends when phork cannot be built for an architecture here. usage: check_arch COMMAND ARCH
check_arch() {
  [[ $2 == amd64 || $2 == arm64 ]] || fail "$1: --arch '$2': expected amd64 or arm64"
  [[ $2 == arm64 || $2 == "$(dpkg --print-architecture)" ]] ||
    fail "$1: --arch $2: only arm64 can be built on another machine"
}

# Writes dpkg's database of a root whose packages are only unpacked, so that dpkg-shlibdeps and
# others find the package of a file. usage: write_dpkg_database ROOT DEB...
write_dpkg_database() {
  local root=$1 deb name info=$1/var/lib/dpkg/info
  shift
  rm -rf "$root/var/lib/dpkg"
  mkdir -p "$info"
  echo 1 >"$info/format" # names of files have the architecture
  for deb in "$@"; do
    name=$(dpkg-deb -f "$deb" Package)
    [[ $(dpkg-deb -f "$deb" Multi-Arch) != same ]] || name+=:$(dpkg-deb -f "$deb" Architecture)
    dpkg-deb -f "$deb" | sed '1a Status: install ok installed' >>"$root/var/lib/dpkg/status"
    echo >>"$root/var/lib/dpkg/status"
    dpkg-deb --fsys-tarfile "$deb" | tar -t |
      sed 's#^\./#/#; s#^/$#/.#; s#\(.\)/$#\1#' >"$info/$name.list"
    dpkg-deb --ctrl-tarfile "$deb" | tar -x -C "$info" --transform "s#^\./#$name.#" \
      --wildcards './symbols' './shlibs' 2>/dev/null || true
  done
}

# Unpacks packages of Debian, and all that they depend on, into a folder of the cache, once, or with
# FRESH=yes once more: none is installed, and no script of a package runs. The folder appears when
# it is whole. usage: unpack_debian FOLDER SUITE ARCH PACKAGE,... [OPTION-OF-MMDEBSTRAP...]
unpack_debian() {
  local folder=$1 suite=$2 arch=$3 packages=$4 sources
  shift 4
  [[ ! -d $folder || ${FRESH:-no} == yes ]] || return 0
  sources=$("$(dirname "${BASH_SOURCE[0]}")/../../deploy/image/debian-sources" "$suite" \
    "${PHORK_SNAPSHOT-}") || return 1
  say "unpacking packages of $suite for $arch"
  (
    trap 'rm -rf "$folder.new" "$folder.log"' EXIT
    mkdir -p "${folder%/*}"
    rm -rf "$folder.new"
    mmdebstrap --variant=extract --format=directory --architectures="$arch" \
      --skip=check/qemu,cleanup/apt "$@" --include="$packages" "$suite" "$folder.new" - \
      <<<"$sources" >"$folder.log" 2>&1 ||
      fail "unpack packages of $suite for $arch: $(grep -m 1 '^E: ' "$folder.log" ||
        tail -n 1 "$folder.log"); is the name right, and is there a network?"
    write_dpkg_database "$folder.new" "$folder.new"/var/cache/apt/archives/*.deb
    rm -rf "$folder.new"/var/cache/apt "$folder.new"/var/lib/apt "$folder"
    mv "$folder.new" "$folder"
  )
}

# The name of a folder for these packages, which has a sum of their list and their time: a cache
# outlives changes of both. usage: root_for NAME PACKAGE,...
root_for() {
  printf '%s\n' "$PHORK_CACHE_DIR/roots/$1-$(printf '%s' "$2${PHORK_SNAPSHOT-}" | sha256sum |
    cut -c 1-12)"
}

# Prints the folder of an architecture's libraries and headers, and makes it when it is not there.
# usage: sysroot ARCH
sysroot() {
  local php suite packages root
  php=$(php_version)
  suite=$(debian_release VERSION_CODENAME) || return 1
  packages=libc6-dev,libstdc++-$(g++ -dumpversion | cut -d . -f 1)-dev,libarchive-dev,libelf-dev
  packages+=,libssl-dev,zlib1g-dev,libuv1-dev,libsimdjson-dev,libcli11-dev
  packages+=,nlohmann-json3-dev,libcpp-httplib-dev
  packages+=,doctest-dev,libphp$php-embed,php$php-dev
  root=$(root_for "sysroot-$suite-$1" "$packages")
  unpack_debian "$root" "$suite" "$1" "$packages" \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr || return 1
  if [[ ! -L $root/usr/lib/libphp.so ]]; then
    # dpkg-shlibdeps asks for the package of a library by the path that it has here.
    sed -i -E "p; s#^/lib/#/usr/lib/#; s#^/#$root/#" "$root"/var/lib/dpkg/info/*.list
    # The linker follows links from the root of this machine, and would take zlib's archive.
    find "$root/usr/lib" -type l -lname '/*' -printf '%l\t%p\n' |
      while IFS=$'\t' read -r target link; do ln -sfnr "$root$target" "$link"; done
    ln -s "libphp$php.so" "$root/usr/lib/libphp.so" # its SONAME; ldconfig does this elsewhere
  fi
  printf '%s\n' "$root"
}

# Writes Meson's description of the machine and the programs that it names. usage: cross_file DIR
# SYSROOT
cross_file() {
  local triple=aarch64-linux-gnu config
  config=php-config$(php_version)
  mkdir -p "$1"
  cat >"$1/$config" <<END
#!/bin/sh
# The build machine's, with the folders of the other architecture's.
exec $config "\$@" | sed 's#/usr/#$2/usr/#g'
END
  cat >"$1/pkg-config" <<END
#!/bin/sh
export PKG_CONFIG_SYSROOT_DIR=$2
export PKG_CONFIG_LIBDIR=$2/usr/lib/$triple/pkgconfig:$2/usr/share/pkgconfig
exec pkg-config "\$@"
END
  chmod +x "$1/$config" "$1/pkg-config"
  cat >"$1/cross.ini" <<END
[binaries]
cpp = [$(command -v ccache >/dev/null && printf "'ccache', ")'$triple-g++', '--sysroot=$2']
ar = '$triple-gcc-ar'
strip = '$triple-strip'
pkgconfig = '$1/pkg-config'
$config = '$1/$config'
exe_wrapper = ['qemu-aarch64-static', '-L', '$2']
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
END
}

# Runs the programs of a package, an image or a layer for another architecture.
# usage: check_emulated FILE [SYSROOT]
check_emulated() {
  install_packages "${CROSS_PACKAGES[@]}"
  need_programs &&
    PHORK_BUILD=$NATIVE_PROGRAMS timed "${1##*/}: under qemu" tests/packaging/emulated "$@" >&2
}
