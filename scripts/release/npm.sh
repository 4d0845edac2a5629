#!/usr/bin/env bash
# Readies the npm wrapper of a release: npm.sh VERSION CHECKSUMS REPOSITORY FOLDER
# CHECKSUMS lists the release archives, REPOSITORY is the address below which `releases/download/vVERSION/` holds them. The
# package is made in FOLDER. Where its checksums name no archive for a machine, the wrapper runs nothing there.
set -euo pipefail
version=${1:?usage: npm.sh VERSION CHECKSUMS REPOSITORY FOLDER}
checksums=${2:?usage: npm.sh VERSION CHECKSUMS REPOSITORY FOLDER}
repository=${3:?usage: npm.sh VERSION CHECKSUMS REPOSITORY FOLDER}
folder=${4:?usage: npm.sh VERSION CHECKSUMS REPOSITORY FOLDER}

mkdir -p "$folder"
cp npm/keyrot.js npm/package.json LICENSE-MIT LICENSE-APACHE "$folder"
cp "$checksums" "$folder/checksums.txt"
cd "$folder"
npm pkg set "version=$version" "config.releases=$repository/releases/download" \
  repository.type=git "repository.url=git+$repository.git"
