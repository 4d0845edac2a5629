#!/usr/bin/env bash
# Scans what the event is about, writes annotations, summary, SARIF and outputs. The verdict is the action's last step,
# so that an upload happens before a failing job ends.
set -euo pipefail

event=${GITHUB_EVENT_NAME:?}
payload=${GITHUB_EVENT_PATH:?}
zero='^0+$'

# A field of the event, empty where it is missing. node and jq are on every hosted runner; python3 on most others.
field() {
  if command -v jq > /dev/null; then
    jq -r "$1 // empty" "$payload"
  else
    python3 - "$1" "$payload" << 'PY'
import json, sys
value = json.load(open(sys.argv[2], encoding="utf-8"))
for name in sys.argv[1].strip(".").split("."):
    value = value.get(name) if isinstance(value, dict) else None
print("" if value is None else str(value).lower() if isinstance(value, bool) else value)
PY
  fi
}

notice() { echo "::notice title=keyrot::$1"; }
die() {
  echo "::error title=keyrot::$1"
  exit 2
}

is_commit() { git cat-file -e "$1^{commit}" 2> /dev/null; }

# Makes a commit known in a shallow clone: first alone, then with history up to the fork point.
need_commit() {
  is_commit "$1" || git fetch --quiet --no-tags --depth=1 origin "$1" 2> /dev/null || true
  is_commit "$1" || die "The commit $1 is not in this clone. Check out with 'fetch-depth: 0'."
}

deepen_until_related() {
  local step
  for step in 50 200 1000; do
    git merge-base "$1" "$2" > /dev/null 2>&1 && return 0
    [ "$(git rev-parse --is-shallow-repository)" = true ] || return 0
    git fetch --quiet --no-tags --deepen="$step" origin "$1" "$2" 2> /dev/null || true
  done
  git merge-base "$1" "$2" > /dev/null 2>&1 && return 0
  git fetch --quiet --no-tags --unshallow origin 2> /dev/null || true
}

mode=${INPUT_MODE:-auto}
if [ "$mode" = auto ]; then
  case "$event" in
    pull_request | pull_request_target | merge_group | push) mode="diff" ;;
    *) mode=full ;;
  esac
fi

base=${INPUT_BASE:-}
if [ "$mode" = diff ] && [ -z "$base" ]; then
  case "$event" in
    pull_request | pull_request_target) base=$(field .pull_request.base.sha) ;;
    merge_group) base=$(field .merge_group.base_sha) ;;
    push)
      base=$(field .before)
      if [ "$(field .deleted)" = true ]; then
        notice "A deleted branch has nothing to scan."
        echo "exit-code=0" >> "${GITHUB_OUTPUT:?}"
        exit 0
      fi
      if [[ $base =~ $zero ]]; then
        # A new branch: compare with where it left the default branch.
        default=$(field .repository.default_branch)
        git fetch --quiet --no-tags --depth=1 origin "$default" 2> /dev/null || true
        base=$(git rev-parse --verify --quiet "refs/remotes/origin/$default^{commit}" \
          || git rev-parse --verify --quiet FETCH_HEAD || true)
        if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
          notice "There is nothing to compare a first push with: the whole tree is scanned."
          mode=full
        fi
      elif ! is_commit "$base" && ! git fetch --quiet --no-tags --depth=1 origin "$base" 2> /dev/null; then
        notice "The commit before this push is gone (a forced push): the whole tree is scanned."
        mode=full
      fi
      ;;
    *) die "The event $event has no base: give one with the input 'base'." ;;
  esac
fi

arguments=(scan)
case "$mode" in
  full)
    read -r -a paths <<< "${INPUT_PATHS:-.}"
    arguments+=("${paths[@]}")
    ;;
  diff)
    [ -n "$base" ] || die "No base commit was found: give one with the input 'base'."
    need_commit "$base"
    deepen_until_related "$base" HEAD
    fork=$(git merge-base "$base" HEAD || true)
    [ -n "$fork" ] || die "The base $base and HEAD share no history here. Check out with 'fetch-depth: 0'."
    arguments+=(--diff "$fork")
    ;;
  history)
    if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
      notice "The clone is shallow: fetching the whole history."
      git fetch --quiet --unshallow origin || die "The clone is shallow. Check out with 'fetch-depth: 0'."
    fi
    arguments+=(--history)
    ;;
  *) die "The input 'mode' must be auto, diff, full or history, it is '$mode'." ;;
esac

out="${RUNNER_TEMP:-/tmp}"
json="$out/keyrot.json"
sarif=${INPUT_SARIF:-keyrot.sarif}
rm -f "$json"
arguments+=(--no-progress --format text --output "json=$json" --output "sarif=$sarif" --fail-on "${INPUT_FAIL_ON:-low}")
[ -z "${INPUT_CONFIG:-}" ] || arguments+=(--config "$INPUT_CONFIG")
[ -z "${INPUT_BASELINE:-}" ] || arguments+=(--baseline "$INPUT_BASELINE")
if [ -n "${INPUT_ARGS:-}" ]; then
  read -r -a further <<< "$INPUT_ARGS"
  arguments+=("${further[@]}")
fi

echo "keyrot ${arguments[*]}"
code=0
keyrot "${arguments[@]}" || code=$?

findings=0
files=0
upload=false
if [ -f "$json" ]; then
  if [ "${INPUT_ANNOTATIONS:-true}" = true ]; then
    keyrot --quiet report "$json" --format github --exit-zero --allow-unreadable || true
  fi
  if [ "${INPUT_SUMMARY:-true}" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    keyrot --quiet report "$json" --format github-summary --exit-zero --allow-unreadable >> "$GITHUB_STEP_SUMMARY" || true
  fi
  findings=$(payload=$json field .counts.findings)
  files=$(payload=$json field .scanned.files)
  upload=${INPUT_UPLOAD:-auto}
  if [ "$upload" = auto ]; then
    upload=true
    head=$(field .pull_request.head.repo.full_name)
    ours=$(field .pull_request.base.repo.full_name)
    if [ -n "$ours" ] && [ "$head" != "$ours" ]; then
      upload=false
      notice "A pull request of a fork cannot upload to code scanning: annotations and summary carry the result."
    elif [ "${GITHUB_ACTOR:-}" = "dependabot[bot]" ]; then
      upload=false
      notice "A run of Dependabot cannot upload to code scanning: annotations and summary carry the result."
    fi
  fi
fi

category=${INPUT_CATEGORY:-}
if [ -z "$category" ]; then
  category=keyrot
  [ "$mode" != diff ] || category=keyrot-diff
fi
{
  echo "findings=${findings:-0}"
  echo "scanned-files=${files:-0}"
  echo "exit-code=$code"
  echo "sarif-file=$sarif"
  echo "json-file=$json"
  echo "category=$category"
  echo "upload=$upload"
} >> "${GITHUB_OUTPUT:?}"
