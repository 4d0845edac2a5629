#!/usr/bin/env bash
# Runs the action's scan script with recorded events of each kind in a fresh repository with an origin.
# Usage: action/test.sh [path of keyrot]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
keyrot=$(realpath "${1:-$here/../target/debug/keyrot}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$keyrot" "$work/bin/keyrot"
export PATH="$work/bin:$PATH" RUNNER_TEMP="$work" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GITHUB_ACTOR=sam
export GIT_AUTHOR_NAME=Sam GIT_AUTHOR_EMAIL=sam@example.invalid GIT_COMMITTER_NAME=Sam GIT_COMMITTER_EMAIL=sam@example.invalid
failed=0

# An origin with a key in its first commit, a branch with another one, and a clone.
# An invented GitHub token with its checksum, put together here so that no file holds one.
token() {
  python3 - "$1" << 'PY'
import sys, zlib
digits, number, check = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", zlib.crc32(sys.argv[1].encode()), ""
while number:
    check, number = digits[number % 62] + check, number // 62
print("TOKEN=" + "ghp_" + sys.argv[1] + check.rjust(6, "0"))
PY
}
git init -q -b main "$work/origin"
cd "$work/origin"
git config uploadpack.allowAnySHA1InWant true
token A1b2C3d4E5f6G7h8I9j0K1l2M3n4o5 > old.env && git add . && git commit -q -m old
first=$(git rev-parse HEAD)
for number in 1 2 3; do echo "$number" > readme && git add . && git commit -q -m "$number"; done
base=$(git rev-parse HEAD)
git checkout -q -b topic
token "$(echo 5g4f3D2s1A0p9O8i7U6y5T4r3E2w1Q | rev)" > new.env && git add . && git commit -q -m new
tip=$(git rev-parse HEAD)
git checkout -q main

# name, event, mode, clone depth, expected exit code, expected findings, expected upload; the payload comes on stdin
run() {
  local name=$1 event=$2 mode=$3 depth=$4 code=$5 findings=$6 upload=$7 output
  cat > "$work/event.json"
  rm -rf "$work/clone" "$work/output" "$work/summary" && : > "$work/output"
  if [ "$depth" = full ]; then
    git clone -q --branch topic "file://$work/origin" "$work/clone"
  else
    git clone -q --branch topic --depth "$depth" "file://$work/origin" "$work/clone"
  fi
  cd "$work/clone"
  local actual=0
  output=$(GITHUB_EVENT_NAME=$event GITHUB_EVENT_PATH="$work/event.json" GITHUB_OUTPUT="$work/output" \
    GITHUB_STEP_SUMMARY="$work/summary" INPUT_MODE=$mode bash "$here/scan.sh" 2>&1) || actual=$?
  if [ "$actual" = 0 ]; then
    actual=$(sed -n 's/^exit-code=//p' "$work/output")
  fi
  local wrong=
  [ "$actual" = "$code" ] || wrong="exit code $actual, expected $code"
  if [ -n "$findings" ]; then
    grep -qx "findings=$findings" "$work/output" || wrong="$wrong; $(grep findings= "$work/output"), expected $findings"
    grep -qx "upload=$upload" "$work/output" || wrong="$wrong; $(grep upload= "$work/output"), expected $upload"
    [ -s "$work/summary" ] || wrong="$wrong; no summary"
    [ "$findings" = 0 ] || grep -q '^::error file=' <<< "$output" || wrong="$wrong; no annotation"
  fi
  if [ -n "$wrong" ]; then
    echo "FAILED $name: $wrong"
    echo "$output"
    failed=1
  else
    echo "ok $name"
  fi
}

pull_request() {
  cat << JSON
{"pull_request": {"base": {"sha": "$base", "repo": {"full_name": "team/app"}}, "head": {"sha": "$tip", "repo": {"full_name": "$1"}}}}
JSON
}
pull_request team/app | run "pull request" pull_request auto full 1 1 true
pull_request team/app | run "pull request in a shallow clone" pull_request auto 1 1 1 true
pull_request sam/app | run "pull request of a fork" pull_request auto full 1 1 false
pull_request team/app | GITHUB_ACTOR="dependabot[bot]" run "pull request of Dependabot" pull_request auto full 1 1 false
echo "{\"before\": \"$base\", \"after\": \"$tip\", \"repository\": {\"default_branch\": \"main\"}}" |
  run "push" push auto full 1 1 true
echo "{\"before\": \"$base\", \"after\": \"$tip\", \"repository\": {\"default_branch\": \"main\"}}" |
  run "push in a shallow clone" push auto 1 1 1 true
echo "{\"before\": \"0000000000000000000000000000000000000000\", \"repository\": {\"default_branch\": \"main\"}}" |
  run "first push of a branch" push auto full 1 1 true
echo "{\"before\": \"0000000000000000000000000000000000000000\", \"repository\": {\"default_branch\": \"main\"}}" |
  run "first push of a branch in a shallow clone" push auto 1 1 1 true
echo "{\"before\": \"1111111111111111111111111111111111111111\", \"repository\": {\"default_branch\": \"main\"}}" |
  run "forced push" push auto 1 1 2 true
echo "{\"before\": \"$base\", \"deleted\": true}" | run "deleted branch" push auto full 0 "" ""
echo "{\"merge_group\": {\"base_sha\": \"$base\"}}" | run "merge group" merge_group auto full 1 1 true
echo "{}" | run "schedule" schedule auto 1 1 2 true
echo "{}" | run "manual run" workflow_dispatch auto full 1 2 true
echo "{}" | run "manual run over history of a shallow clone" workflow_dispatch history 1 1 2 true
echo "{\"before\": \"$first\"}" | run "unknown mode" push everything full 2 "" ""
echo "{}" | run "diff without a base" workflow_dispatch diff full 2 "" ""
exit "$failed"
