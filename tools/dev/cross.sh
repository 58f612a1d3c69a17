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
  for deb in "$@"; do
    name=$(dpkg-deb -f "$deb" Package)
    [[ $(dpkg-deb -f "$deb" Multi-Arch) != same ]] || name+=:$(dpkg-deb -f "$deb" Architecture)
    dpkg-deb -f "$deb" | sed '1a Status: install ok installed' >>"$root/var/lib/dpkg/status"
    echo >>"$root/var/lib/dpkg/status"
    dpkg-deb --fsys-tarfile "$deb" | tar -t | sed 's#^\./#/#; s#\(.\)/$#\1#' >"$info/$name.list"
    dpkg-deb --ctrl-tarfile "$deb" | tar -x -C "$info" --transform "s#^\./#$name.#" \
      --wildcards './symbols' './shlibs' 2>/dev/null || true
  done
}

# Prints the folder of an architecture's libraries and headers, and makes it when it is not there.
# usage: sysroot ARCH
sysroot() {
  local php names IFS=, root debs
  php=$(php_version)
  root=$PHORK_CACHE_DIR/sysroot-$(debian_release VERSION_CODENAME)-php$php-$1
  names=(libc6-dev "libstdc++-$(g++ -dumpversion | cut -d . -f 1)-dev" libarchive-dev libelf-dev
    libssl-dev zlib1g-dev libuv1-dev libsimdjson-dev libcli11-dev libcpp-httplib-dev
    "libphp$php-embed" "php$php-dev")
  if [[ ! -f $root/var/lib/dpkg/status ]]; then
    say "cross: unpacking the libraries for $1"
    rm -rf "$root"
    scratch
    debs=$SCRATCH/debs-$1
    mkdir -p "$debs"
    export debs
    # shellcheck disable=SC2016  # variables of the hook
    mmdebstrap --quiet --variant=extract --format=directory --architectures="$1" \
      --include="${names[*]}" --skip=check/qemu \
      --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
      --extract-hook='cp "$1"/var/cache/apt/archives/*.deb "$debs"' \
      "$(debian_release VERSION_CODENAME)" "$root" >"$SCRATCH/sysroot.log" 2>&1 ||
      fail "cross: unpack the libraries for $1: $(grep -m 1 '^E: ' "$SCRATCH/sysroot.log")"
    unset IFS
    ln -s "libphp$php.so" "$root/usr/lib/libphp.so" # its SONAME; ldconfig does this elsewhere
    write_dpkg_database "$root" "$debs"/*.deb
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
