# SPDX-License-Identifier: MIT
#
# `./dev release`: sourced by dev, whose helpers it uses. Makes all parts of a release from the last
# commit, with bills of materials and checksums. The same commit gives the same bytes,
# as long as Debian's packages are the same: PHORK_SNAPSHOT fixes these.
# shellcheck shell=bash

# Builds the image once more and compares. usage: check_image_twice ARCH
check_image_twice() {
  local file first=$SCRATCH/first.oci.tar
  file=dist/phork-image-php$(php_version)-$1.oci.tar
  cp "$file" "$first"
  build_image "$(package_of release "$(php_version)" "$1")" >/dev/null && cmp "$first" "$file"
}

# The package, the image and the layer for one architecture; all programs are the package's.
# usage: make_artefacts ARCH [--check]
make_artefacts() {
  local arch=$1 stage=$SCRATCH/release-$1
  shift
  cmd_deb --arch "$arch" "$@"
  rm -rf "$stage"
  dpkg-deb -x "$(package_of release "$(php_version)" "$arch")" "$stage"
  # shellcheck disable=SC2034  # need_programs reads it
  [[ $arch != "$(dpkg --print-architecture)" ]] || NATIVE_PROGRAMS=$stage/usr/lib/phork
  cmd_image --arch "$arch" "$@"
  if (($# > 0)); then
    timed 'image: reproducible' check_image_twice "$arch" ||
      fail 'release: two builds of the image differ'
  fi
  cmd_layer --arch "$arch" --programs "$stage/usr/lib/phork" --fresh "$@"
}

# usage: cmd_release [--check] [--arch ARCH,...]
cmd_release() {
  local check=() arches=() arch bill
  arches=("$(dpkg --print-architecture)")
  while (($# > 0)); do
    case $1 in
      --check) check=(--check) ;;
      --arch)
        (($# > 1)) || fail 'release: --arch: expected amd64, arm64 or both with a comma behind it'
        IFS=, read -r -a arches <<<"$2"
        shift
        ;;
      *) fail "release: argument '$1': expected --check or --arch" ;;
    esac
    shift
  done
  for arch in "${arches[@]}"; do check_arch release "$arch"; done
  need_commit release
  (($(changed_files) == 0)) ||
    fail "release: expected the files of the last commit: $(changed_files) differ: commit or" \
      'stash them (git status)'
  rm -rf dist 2>/dev/null || true
  need_dist release
  for arch in "${arches[@]}"; do make_artefacts "$arch" "${check[@]}"; done
  for bill in dist/*.spdx.json; do
    php tests/packaging/check_sbom.php "$bill" >&2 || fail 'release: see the lines above'
  done
  # Last: without it a release is not whole.
  (cd dist && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
    xargs -d '\n' sha256sum >"$SCRATCH/SHA256SUMS")
  keep_artefacts "$SCRATCH/SHA256SUMS"
  cat dist/SHA256SUMS
}
