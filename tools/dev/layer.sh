# SPDX-License-Identifier: MIT
#
# `./dev layer`: sourced by dev, whose helpers it uses. Makes the layer for Lambda out of Debian's
# packages, which are unpacked, not installed: nothing of this machine gets into it, and a layer for
# arm64 is made on amd64.
# shellcheck shell=bash

# Packages of the default layer beside PHP's extensions; programs name the libraries they need.
LAYER_PACKAGES=(base-files ca-certificates libc-bin libc6 tzdata)
LAYER_EXTENSIONS=(bcmath common curl fpm mbstring mysql opcache soap sqlite3 xml zip)

# The Debian that has this version of PHP. usage: debian_of PHP-VERSION
debian_of() {
  case $1 in
    8.2) printf 'bookworm\n' ;;
    8.4) printf 'trixie\n' ;;
    *) fail "PHP '$1': expected 8.2 of Debian 12 or 8.4 of Debian 13" ;;
  esac
}

# The packages of libuv and simdjson that programs of this Debian are linked against.
library_packages() {
  case $1 in
    bookworm) printf 'libuv1\nlibsimdjson14\n' ;;
    trixie) printf 'libuv1t64\nlibsimdjson25\n' ;;
  esac
}

# Prints the folder of a Debian with PHP, and makes it when it is not there.
# usage: layer_root PHP-VERSION ARCH EXTENSION...
layer_root() {
  local version=$1 arch=$2 suite packages=() extension list root
  shift 2
  suite=$(debian_of "$version") || return 1
  packages=("${LAYER_PACKAGES[@]}" "libphp$version-embed")
  mapfile -t -O "${#packages[@]}" packages < <(library_packages "$suite")
  for extension in "${LAYER_EXTENSIONS[@]}" "$@"; do packages+=("php$version-$extension"); done
  list=$(printf '%s\n' "${packages[@]}" | sort -u | paste -s -d ,)
  root=$(root_for "$suite-$arch" "$list")
  unpack_debian "$root" "$suite" "$arch" "$list" || return 1
  printf '%s\n' "$root"
}

# The version of PHP that a php-worker, which may be for another processor, was built for.
php_of_worker() {
  strings "$1" | sed -nE 's/^php-worker [0-9.]+ \(PHP ([0-9]+\.[0-9]+)\..*/\1/p'
}

# Prints the folder of programs for an architecture: those of the build tree, stripped as installed
# ones are, or for another machine those of the last commit's package. usage: layer_programs ARCH
layer_programs() {
  local stage=$SCRATCH/stage-$1 deb
  rm -rf "$stage"
  if [[ $1 == "$(dpkg --print-architecture)" ]]; then
    meson install -C build --no-rebuild --strip --quiet --destdir "$stage" >/dev/null ||
      fail 'layer: install: see the lines above'
  else
    deb=$(package_of layer "$(php_version)" "$1") || return 1
    dpkg-deb -x "$deb" "$stage"
  fi
  dirname "$(find "$stage" -type f -name php-worker)"
}

# usage: cmd_layer [--check] [--arch ARCH] [--programs DIR] [--with EXT,...] [--without EXT,...]
#   [--fresh]
cmd_layer() {
  local arch programs='' with='' FRESH=no check=no options=() extensions=() version root name
  arch=$(dpkg --print-architecture)
  while (($# > 0)); do
    case $1 in
      --check) check=yes ;;
      --fresh) export FRESH=yes ;;
      --arch | --programs | --with | --without)
        (($# > 1)) || fail "layer: $1: expected a value behind it"
        case $1 in
          --arch) arch=$2 ;;
          --programs) programs=$2 ;;
          --with) with=$2 options+=("$1" "$2") ;;
          --without) options+=("$1" "$2") ;;
        esac
        shift
        ;;
      *)
        fail "layer: argument '$1': expected --check, --arch, --programs, --with, --without or" \
          '--fresh'
        ;;
    esac
    shift
  done
  check_arch layer "$arch"
  need_commit layer
  need_dist layer
  setup_build
  install_packages mmdebstrap
  scratch
  need_programs || fail 'layer: build: see the lines above'
  [[ -n $programs ]] || programs=$(layer_programs "$arch") || exit 1
  version=$(php_of_worker "$programs/php-worker")
  [[ -n $version ]] || fail "layer: '$programs/php-worker': expected a php-worker of phork"
  IFS=, read -r -a extensions <<<"$with"
  root=$(layer_root "$version" "$arch" "${extensions[@]}") || exit 1
  name=phork-layer-php$version-$arch
  options+=(--root "$root" --programs "$programs" --arch "$arch")
  pack_layer "$SCRATCH/$name" "${options[@]}" || exit 1
  php tools/release/sbom.php "$name" "$root" "$(commit_time)" <"$SCRATCH/$name.json" \
    >"$SCRATCH/$name.spdx.json" || exit 1
  [[ $check == no ]] || timed 'layer: check' check_layer "$name" "${options[@]}" ||
    fail 'layer: check: see the lines above'
  keep_artefacts "$SCRATCH/$name".{zip,json,spdx.json} || fail 'layer: see the lines above'
  printf 'dist/%s\n' "$name.zip"
}

# usage: pack_layer FILE-WITHOUT-ENDING OPTION...
pack_layer() {
  local file=$1
  shift
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(commit_time)} \
    "$NATIVE_PROGRAMS/phork" package --layer --out "$file.zip" --manifest "$file.json" "$@"
}

# Packs it once more and compares, unpacks it as /opt and serves from it, where nothing else is;
# that of another architecture under qemu. usage: check_layer NAME OPTION...
check_layer() {
  local name=$1
  shift
  timed 'layer: once more' pack_layer "$SCRATCH/again" "$@" >/dev/null || exit 1
  cmp "$SCRATCH/$name.zip" "$SCRATCH/again.zip" || fail 'layer: two builds differ'
  if [[ $name == *-$(dpkg --print-architecture) ]]; then
    rm -rf "$SCRATCH/opt"
    unzip -q "$SCRATCH/$name.zip" -d "$SCRATCH/opt" && check_served '' "$SCRATCH/opt"
  else
    check_emulated "$SCRATCH/$name.zip"
  fi
}
