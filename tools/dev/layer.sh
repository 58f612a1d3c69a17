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
    *) fail "layer: PHP $1: expected 8.2 of Debian 12 or 8.4 of Debian 13" ;;
  esac
}

# The packages of libuv and simdjson that programs of this Debian are linked against.
library_packages() {
  case $1 in
    bookworm) printf 'libuv1\nlibsimdjson14\n' ;;
    trixie) printf 'libuv1t64\nlibsimdjson25\n' ;;
  esac
}

# Unpacks a Debian with PHP once, and prints its folder.
# usage: layer_root PHP-VERSION ARCH EXTENSION...
layer_root() {
  local version=$1 arch=$2 suite packages=() extension list folder log
  shift 2
  suite=$(debian_of "$version")
  packages=("${LAYER_PACKAGES[@]}" "libphp$version-embed")
  mapfile -t -O "${#packages[@]}" packages < <(library_packages "$suite")
  for extension in "${LAYER_EXTENSIONS[@]}" "$@"; do packages+=("php$version-$extension"); done
  list=$(printf '%s\n' "${packages[@]}" | sort -u | paste -s -d ,)
  folder=$PHORK_CACHE_DIR/roots/$suite-$arch-$(printf '%s' "$list" | sha256sum | cut -c 1-12)
  if [[ ! -d $folder ]]; then
    log=$folder.log
    mkdir -p "${folder%/*}"
    rm -rf "$folder.new"
    say "layer: unpacking $suite for $arch"
    mmdebstrap --quiet --variant=extract --architectures="$arch" --skip=cleanup/apt \
      --include="$list" "$suite" "$folder.new" >"$log" 2>&1 ||
      fail "layer: mmdebstrap: $(grep -m 1 '^E: ' "$log" || tail -n 1 "$log"); is there a network?"
    write_dpkg_database "$folder.new" "$folder.new"/var/cache/apt/archives/*.deb
    rm -rf "$folder.new"/var/cache/apt "$folder.new"/var/lib/apt
    mv "$folder.new" "$folder"
    rm "$log"
  fi
  printf '%s\n' "$folder"
}

# The version of PHP that a php-worker, which may be for another processor, was built for.
php_of_worker() {
  strings "$1" | sed -nE 's/^php-worker [0-9.]+ \(PHP ([0-9]+\.[0-9]+)\..*/\1/p'
}

# Unpacks the layer as /opt and serves from it, where nothing else is. usage: check_layer ZIP
check_layer() {
  rm -rf "$SCRATCH/opt"
  unzip -q "$1" -d "$SCRATCH/opt" && check_served '' "$SCRATCH/opt"
}

# usage: layer [--check] [--arch ARCH] [--programs DIR] [--with EXT,...] [--without EXT,...]
#   [--fresh]
cmd_layer() {
  local arch programs='' with='' fresh=0 check=no options=() extensions=() version root name
  arch=$(dpkg --print-architecture)
  while (($# > 0)); do
    case $1 in
      --check) check=yes ;;
      --fresh) fresh=1 ;;
      --arch | --programs | --with | --without)
        (($# > 1)) || fail "layer: $1: expected a value"
        case $1 in
          --arch) arch=$2 ;;
          --programs) programs=$2 ;;
          --with) with=$2 options+=("$1" "$2") ;;
          --without) options+=("$1" "$2") ;;
        esac
        shift
        ;;
      *)
        fail "layer: expected --check, --arch, --programs, --with, --without or --fresh, got '$1'"
        ;;
    esac
    shift
  done
  cmd_build
  install_packages mmdebstrap
  scratch
  if [[ -z $programs ]]; then
    # Installed programs are stripped.
    meson install -C build --no-rebuild --strip --quiet --destdir "$SCRATCH/stage" >/dev/null ||
      fail "layer: install: see the lines above"
    programs=$(dirname "$(find "$SCRATCH/stage" -type f -name php-worker)")
  fi
  version=$(php_of_worker "$programs/php-worker")
  [[ -n $version ]] || fail "layer: '$programs/php-worker': expected a php-worker of phork"
  IFS=, read -r -a extensions <<<"$with"
  ((fresh == 0)) || rm -rf "$PHORK_CACHE_DIR/roots/$(debian_of "$version")-$arch-"*
  root=$(layer_root "$version" "$arch" "${extensions[@]}") || exit 1
  name=dist/phork-layer-php$version-$arch
  mkdir -p dist
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} \
    build/phork package --layer --out "$name.zip" --manifest "$name.json" --root "$root" \
    --programs "$programs" --arch "$arch" "${options[@]}" || fail "layer: see the line above"
  say "layer: $name.zip"
  [[ $check == no || $arch != "$(dpkg --print-architecture)" ]] ||
    timed 'layer: check' check_layer "$name.zip" || fail 'layer: check: see the lines above'
}
