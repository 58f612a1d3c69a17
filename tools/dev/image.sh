# SPDX-License-Identifier: MIT
#
# `./dev image`: sourced by dev, whose helpers it uses. Builds the container image without Docker:
# deploy/image/make-root makes its files, umoci assembles them, and the last stage of
# deploy/image/Dockerfile has the settings of the image.
# shellcheck shell=bash

# Without intl. https://docs.aws.amazon.com/lambda/latest/dg/images-create.html allows 10 GB; what
# counts is the time that a cold start takes to load.
IMAGE_LIMIT_MB=120
# In names of packages.
# shellcheck disable=SC2034  # deb.sh uses it
declare -A DEBIAN_NUMBER=([bookworm]=12 [trixie]=13)

# The lines `WORD VALUE` of the last stage of a Dockerfile.
last_stage() {
  sed -e ':join' -e '/\\$/N; s/\\\n */ /; tjoin' "$1" |
    awk '/^FROM /{text = ""} /^[A-Z]+ /{text = text $0 "\n"} END {printf "%s", text}'
}

# Prints umoci's flags for the settings of the image, one a line.
image_settings() {
  local word rest value values
  last_stage deploy/image/Dockerfile | while read -r word rest; do
    case $word in
      FROM | COPY) continue ;;
      ENV | LABEL | WORKDIR | USER) eval "values=($rest)" ;; # quoted as in a shell
      ENTRYPOINT | CMD) mapfile -t values < <(php -r "echo implode(PHP_EOL, $rest);") ;; # JSON
      *) fail "image: read deploy/image/Dockerfile: '$word' is not known here" ;;
    esac
    word=${word/WORKDIR/workingdir} word=${word/USER/user}
    for value in "${values[@]}"; do printf -- '--config.%s=%s\n' "${word,,}" "$value"; done
  done
}

# Writes the folder as an image into an archive of the OCI layout. usage: pack_image ROOT TAG FILE
pack_image() {
  local layout=$SCRATCH/oci created settings
  rm -rf "$layout"
  created=$(TZ=UTC date -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
  mapfile -t settings < <(image_settings)
  tar --create --file="$SCRATCH/layer.tar" --directory="$1" --sort=name --numeric-owner \
    --owner=0 --group=0 --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime --format=posix \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime .
  umoci init --layout "$layout"
  umoci new --image "$layout:$2"
  umoci raw add-layer --image "$layout:$2" --history.created="$created" \
    --history.created_by='deploy/image/make-root' "$SCRATCH/layer.tar"
  umoci config --image "$layout:$2" --no-history --created="$created" --os=linux \
    --architecture="$IMAGE_ARCH" "${settings[@]}"
  umoci gc --layout "$layout"
  tar --create --file="$3" --directory="$layout" --sort=name --numeric-owner --owner=0 --group=0 \
    --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" --format=gnu .
}

# Leaves the image, its manifest and its bill of materials in dist/. Ends the command when there are
# no files: make-root has said why. usage: build_image DEB
build_image() {
  local root=$SCRATCH/image-root name=phork-image-php$IMAGE_PHP-$IMAGE_ARCH limit=()
  SOURCE_DATE_EPOCH=$(commit_time)
  export SOURCE_DATE_EPOCH
  rm -rf "$root"
  timed 'image: files' deploy/image/make-root --deb "$1" --arch "$IMAGE_ARCH" \
    --with "$IMAGE_WITH" --snapshot "${PHORK_SNAPSHOT-}" "$root" || exit 1
  php tools/release/manifest.php "$root" phork="$(commit_version)" php="$IMAGE_PHP" \
    architecture="$IMAGE_ARCH" >"$SCRATCH/$name.json" || return 1
  [[ -n $IMAGE_WITH ]] || limit=("$IMAGE_LIMIT_MB")
  php tools/release/sizes.php "${limit[@]}" <"$SCRATCH/$name.json" >&2 || return 1
  php tools/release/sbom.php "$name" "$root" "$SOURCE_DATE_EPOCH" <"$SCRATCH/$name.json" \
    >"$SCRATCH/$name.spdx.json" || return 1
  timed 'image: archive' pack_image "$root" "php$IMAGE_PHP" "$SCRATCH/$name.oci.tar" || return 1
  keep_artefacts "$SCRATCH/$name.json" "$SCRATCH/$name.spdx.json" "$SCRATCH/$name.oci.tar" ||
    return 1
  printf 'dist/%s\n' "$name.oci.tar"
}

# usage: cmd_image [--check] [--php 8.2|8.4] [--arch ARCH] [--with EXTENSION,...]
cmd_image() {
  local check=no deb
  IMAGE_PHP=$(php_version) IMAGE_ARCH=$(dpkg --print-architecture) IMAGE_WITH=
  while (($# > 0)); do
    case $1 in
      --check) check=yes ;;
      --php | --arch | --with) (($# > 1)) || fail "image: $1: expected a value behind it" ;;&
      --php) IMAGE_PHP=$2 && shift ;;
      --arch) IMAGE_ARCH=$2 && shift ;;
      --with) IMAGE_WITH=$2 && shift ;;
      *) fail "image: argument '$1': expected --check, --php, --arch or --with" ;;
    esac
    shift
  done
  check_arch image "$IMAGE_ARCH"
  debian_of "$IMAGE_PHP" >/dev/null
  ((EUID == 0)) || fail 'image: the files of an image belong to root: run this as root'
  need_commit image
  need_dist image
  setup_build
  install_packages "${PACKAGING_PACKAGES[@]}"
  scratch
  deb=$(package_of image "$IMAGE_PHP" "$IMAGE_ARCH") || exit 1
  build_image "$deb" || fail 'image: see the lines above'
  [[ $check == no ]] || timed 'image: check' check_image || fail 'image: check: see the lines above'
}

# Events must not be able to read the program, see docs/isolation.md. usage: check_closed PROGRAM
check_closed() {
  [[ $(stat -c %a "$1") == 711 ]] && return
  say "image: expected mode 0711 of php-worker, got $(stat -c %a "$1")"
  return 1
}

# Unpacks the image, and serves from it: packages, and a function that is made as Docker would.
check_image() {
  local file=dist/phork-image-php$IMAGE_PHP-$IMAGE_ARCH.oci.tar layout=$SCRATCH/oci-check
  local root=$SCRATCH/image-check functions=$SCRATCH/derived
  if [[ $IMAGE_ARCH != "$(dpkg --print-architecture)" ]]; then
    check_emulated "$file"
    return
  fi
  rm -rf "$layout" "$root" "$functions"
  mkdir -p "$layout" "$functions"
  tar -x -f "$file" -C "$layout" && umoci raw unpack --image "$layout:php$IMAGE_PHP" "$root" &&
    check_closed "$root/usr/lib/phork/php-worker" && check_served "$root" &&
    derive_function "$root" "$functions/symfony" && serve_functions "$functions" "$root"
}

# Runs the RUN lines of deploy/image/function.Dockerfile in the image, with examples/symfony.
# usage: derive_function IMAGE-ROOT OUT-FOLDER
derive_function() {
  local task=$2 line
  cp -r examples/symfony "$task"
  rm -rf "${task:?}/.phork" "${task:?}/var"
  warm_up_of symfony >"$task.warmup"
  while read -r line; do
    bwrap --ro-bind "$1" / --bind "$task" /var/task --tmpfs /tmp --dev /dev --proc /proc \
      --clearenv --setenv PATH /usr/bin --setenv LAMBDA_TASK_ROOT /var/task \
      --setenv PHORK_WARMUP "$(<"$task.warmup")" --chdir /var/task /bin/sh -c "$line" || return 1
  done < <(sed -n 's/^RUN //p' deploy/image/function.Dockerfile)
  chmod -R go=rX "$task"
  [[ -d $task/.phork/opcache ]] || fail 'image: php-worker --compile left no compiled code'
}
