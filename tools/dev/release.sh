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

# The layer, and its bill of materials: its packages are those of the root that it is made of.
# usage: make_layer [--check]
make_layer() {
  local php arch name root
  php=$(php_version) arch=$(dpkg --print-architecture)
  name=phork-layer-php$php-$arch
  cmd_layer "$@"
  root=$(layer_root "$php" "$arch") || return 1
  php tools/release/sbom.php "$name" "$root" "$(commit_time)" <"dist/$name.json" \
    >"dist/$name.spdx.json"
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
  make_layer "${check[@]}" || fail 'release: layer: see the lines above'
  for bill in dist/*.spdx.json; do
    php tests/packaging/check_sbom.php "$bill" >&2 || fail 'release: see the lines above'
  done
  (cd dist && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
    xargs -d '\n' sha256sum >"$SCRATCH/SHA256SUMS" && mv "$SCRATCH/SHA256SUMS" .)
  cat dist/SHA256SUMS
}
