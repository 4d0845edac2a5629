#!/usr/bin/env bash
# Times keyrot against the public peers that are installed, as whole processes on one folder: compare.sh FOLDER
# Needs hyperfine. Live validation and update checks of the peers are off.
set -euo pipefail
folder=${1:?usage: compare.sh FOLDER}
keyrot=${KEYROT:-target/release/keyrot}
commands=("$keyrot scan --no-config --no-ignore --exit-zero --quiet --format jsonl $folder")
have() { command -v "$1" >/dev/null; }
have rg && commands+=("rg -uuu -i -c secret|token|passw|pwd|api_?key|apikey|credential|auth $folder")
have kingfisher && commands+=("kingfisher scan $folder -n --no-update-check --git-history none -q -f jsonl")
have betterleaks && commands+=("betterleaks fs $folder --no-banner -s")
have gitleaks && commands+=("gitleaks dir $folder --no-banner -f json -r /dev/null")
have noseyparker && commands+=("noseyparker -q scan --datastore $(mktemp -u) --git-history none --progress never $folder")
hyperfine --warmup 1 --runs 3 --ignore-failure -N "${commands[@]}"
