# SPDX-License-Identifier: MIT
#
# `./dev release`: sourced by dev, whose helpers it uses. Makes all parts of a release from the last
# commit, with bills of materials and checksums. The same commit gives the same bytes,
# as long as Debian's packages are the same: PHORK_SNAPSHOT fixes these.
# shellcheck shell=bash

# Builds the image once more and compares.
check_image_twice() {
  local name=phork-image-php$IMAGE_PHP-$IMAGE_ARCH.oci.tar first=$SCRATCH/first.oci.tar
  cp "dist/$name" "$first"
  build_image "$(deb_for_image)" >/dev/null && cmp "$first" "dist/$name"
}

# The bills of materials of layers, whose packages are those of this system.
describe_layers() {
  local manifest
  for manifest in dist/*layer*.manifest.json; do
    [[ -f $manifest ]] || continue
    php tools/release/sbom.php / "$(commit_time)" <"$manifest" \
      >"${manifest%.manifest.json}.spdx.json" || return 1
  done
}

# usage: cmd_release [--check]
cmd_release() {
  local check=() bill
  case ${1:-} in
    '') ;;
    --check) check=(--check) ;;
    *) fail "release: flag '$1': expected --check" ;;
  esac
  rm -rf dist
  cmd_deb "${check[@]}"
  cmd_image "${check[@]}"
  if ((${#check[@]} > 0)); then
    timed 'image: reproducible' check_image_twice || fail 'release: two builds of the image differ'
  fi
  ! declare -F cmd_layer >/dev/null || cmd_layer "${check[@]}"
  describe_layers || fail 'release: bill of materials: see the lines above'
  for bill in dist/*.spdx.json; do
    php tests/packaging/check_sbom.php "$bill" >&2 || fail 'release: see the lines above'
  done
  (cd dist && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
    xargs -d '\n' sha256sum >"$SCRATCH/SHA256SUMS" && mv "$SCRATCH/SHA256SUMS" .)
  cat dist/SHA256SUMS
}
