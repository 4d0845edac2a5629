#!/usr/bin/env bash
# Puts keyrot on the PATH: a release binary whose checksum is kept in this repository (action/checksums.txt), else a
# build from this very source. A binary without a known checksum is never run.
set -euo pipefail

root=${GITHUB_ACTION_PATH:?}
version=${KEYROT_VERSION:-}
if [ -z "$version" ]; then
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
fi

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  MINGW*-x86_64 | MSYS*-x86_64) target=x86_64-pc-windows-msvc ;;
  *) target=unknown ;;
esac
bin="${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-/tmp}}/keyrot/$version/$target"
archive="keyrot-$version-$target.tar.gz"
expected=$(awk -v file="$archive" '$2 == file { print $1 }' "$root/action/checksums.txt")

sha256() { if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1; }

from_release() {
  local url="${KEYROT_RELEASES:-${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_ACTION_REPOSITORY:-}/releases/download}/v$version/$archive"
  local file="${RUNNER_TEMP:-/tmp}/$archive"
  curl --fail --silent --show-error --location --retry 3 --output "$file" "$url" || return 1
  local actual
  actual=$(sha256 "$file")
  if [ "$actual" != "$expected" ]; then
    echo "::error title=keyrot::$archive has the checksum $actual, expected $expected: it is not run."
    exit 2
  fi
  mkdir -p "$bin"
  tar -xzf "$file" -C "$bin"
}

from_source() {
  if ! command -v cargo > /dev/null; then
    echo "::error title=keyrot::There is no release of keyrot $version for this machine, and no cargo to build it."
    exit 2
  fi
  echo "Building keyrot from the action's source."
  cargo install --locked --path "$root" --root "$bin/build" --quiet
  cp "$bin/build/bin/"keyrot* "$bin/"
}

if [ ! -x "$bin/keyrot" ] && [ ! -x "$bin/keyrot.exe" ]; then
  mkdir -p "$bin"
  if [ "$version" = source ] || [ -z "$expected" ] || ! from_release; then
    from_source
  fi
fi
echo "$bin" >> "${GITHUB_PATH:?}"
"$bin/keyrot" --version
