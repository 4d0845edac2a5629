#!/usr/bin/env bash
# Packs what was built for a target as a release archive with its checksum: pack.sh VERSION TARGET [FOLDER]
# FOLDER holds the binary (default: target/TARGET/release). The archive's name is what action/install.sh and the npm
# wrapper ask for.
set -euo pipefail
version=${1:?usage: pack.sh VERSION TARGET [FOLDER]}
target=${2:?usage: pack.sh VERSION TARGET [FOLDER]}
folder=${3:-target/$target/release}

archive="keyrot-$version-$target.tar.gz"
file=keyrot
[[ $target != *-windows-* ]] || file=keyrot.exe
tar -czf "$archive" -C "$folder" "$file"
if command -v sha256sum > /dev/null; then sha256sum "$archive"; else shasum -a 256 "$archive"; fi > "$archive.sha256"
