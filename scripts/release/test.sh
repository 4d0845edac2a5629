#!/usr/bin/env bash
# The release as its users get it: packs a binary as the release workflow does, serves it on this machine, and installs it
# through the GitHub action and the npm wrapper: right checksum, wrong checksum, no release, no checksum.
# Usage: scripts/release/test.sh [path of keyrot]. Needs python3, curl, node and npm; cargo only with KEYROT_TEST_CARGO=1.
# shellcheck disable=SC2329 # `expect` calls the functions
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
keyrot=$(realpath "${1:-target/release/keyrot}")
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY KEYROT_VERSION
failed=0
expect() { # name, expected exit code, text its output must hold, command…
  local name=$1 code=$2 text=$3 actual=0 output
  shift 3
  output=$("$@" 2>&1) || actual=$?
  if [ "$actual" != "$code" ] || ! grep -qF -- "$text" <<< "$output"; then
    echo "FAILED $name: exit code $actual, expected $code and '$text'"
    echo "$output"
    failed=1
  else
    echo "ok $name"
  fi
}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
case "$(uname -m)" in x86_64) target=x86_64-unknown-linux-musl ;; *) target=aarch64-unknown-linux-musl ;; esac
mkdir -p "$work/site/v$version" "$work/bin"
cp "$keyrot" "$work/bin/keyrot"
(cd "$work/site/v$version" && "$root/scripts/release/pack.sh" "$version" "$target" "$work/bin")
cat "$work/site/v$version"/*.sha256 > "$work/SHA256SUMS"
sed 's/^....../000000/' "$work/SHA256SUMS" > "$work/wrong"

python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$work/site" > "$work/server.log" 2>&1 &
server=$!
until grep -q 'port' "$work/server.log"; do kill -0 "$server"; sleep 0.1; done
address="http://127.0.0.1:$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$work/server.log" | head -n 1)"

# A copy of the action with the given checksums, and what it is told by a runner.
action() { # checksums, address, cargo (real or none)
  rm -rf "$work/action" "$work/tools" "$work/temp"
  mkdir -p "$work/action/action" "$work/tools" "$work/temp"
  cp action/install.sh "$work/action/action/"
  cp "$1" "$work/action/action/checksums.txt"
  cp Cargo.toml "$work/action/"
  env PATH="${4:-/usr/bin:/bin}" GITHUB_ACTION_PATH="${3:-$work/action}" GITHUB_PATH="$work/path" RUNNER_TEMP="$work/temp" \
    RUNNER_TOOL_CACHE="$work/tools" KEYROT_RELEASES="$2" bash "$work/action/action/install.sh"
}
expect "action: right checksum" 0 "keyrot $version" action "$work/SHA256SUMS" "$address"
cached() {
  env PATH=/usr/bin:/bin GITHUB_ACTION_PATH="$work/action" GITHUB_PATH="$work/path" RUNNER_TEMP="$work/temp" \
    RUNNER_TOOL_CACHE="$work/tools" KEYROT_RELEASES=http://127.0.0.1:9 bash "$work/action/action/install.sh"
}
expect "action: from the tool cache, without a server" 0 "keyrot $version" cached
expect "action: on the path" 0 "$work/tools/keyrot/$version/$target" tail -n 1 "$work/path"
expect "action: wrong checksum" 2 "it is not run" action "$work/wrong" "$address"
expect "action: nothing was unpacked" 1 "" test -e "$work/tools/keyrot/$version/$target/keyrot"
expect "action: no release, no cargo" 2 "no cargo to build it" action "$work/SHA256SUMS" "$address/nowhere"
expect "action: no checksum, no cargo" 2 "no cargo to build it" action /dev/null "$address"
if [ -n "${KEYROT_TEST_CARGO:-}" ]; then
  expect "action: no checksum, built from its own source" 0 "keyrot $version" action /dev/null "$address" "$root" "$PATH"
fi

# The npm wrapper: packed, installed from its tarball, run.
wrapper() { # checksums, address, arguments of keyrot…
  local checksums=$1 releases=$2
  shift 2
  rm -rf "$work/npm" "$work/prefix" "$work/cache"
  scripts/release/npm.sh "$version" "$checksums" https://forge.example/team/keyrot "$work/npm"
  (cd "$work/npm" && npm pack --silent --pack-destination "$work" > /dev/null)
  npm install --silent --no-fund --no-audit --offline --prefix "$work/prefix" "$work/keyrot-$version.tgz"
  env XDG_CACHE_HOME="$work/cache" KEYROT_RELEASES="$releases" "$work/prefix/node_modules/.bin/keyrot" "$@"
}
expect "npm: right checksum" 0 "keyrot $version" wrapper "$work/SHA256SUMS" "$address" --version
again() { env XDG_CACHE_HOME="$work/cache" KEYROT_RELEASES=http://127.0.0.1:9 "$work/prefix/node_modules/.bin/keyrot" "$@"; }
expect "npm: from its cache, exit code and report as they are" 1 "alphamoon-api-key" again scan fixtures/demo
expect "npm: address of the releases" 0 "https://forge.example/team/keyrot/releases/download" cat "$work/npm/package.json"
expect "npm: wrong checksum" 2 "it is not run" wrapper "$work/wrong" "$address" --version
expect "npm: nothing was unpacked" 1 "" test -e "$work/cache/keyrot/$version/keyrot"
expect "npm: no release" 2 "cannot fetch" wrapper "$work/SHA256SUMS" "$address/nowhere" --version
expect "npm: no checksum" 2 "there is no binary for" wrapper /dev/null "$address" --version
exit "$failed"
