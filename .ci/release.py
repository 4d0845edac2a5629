"""Runs the steps of the release workflow for one Linux target, with stand-ins for what needs the services: `gh` keeps the
draft in a folder, registries get nothing, and the binary is the one given. Usage: release.py KEYROT WORK [MATURIN]"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import yaml

root = pathlib.Path(__file__).resolve().parent.parent
keyrot, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
maturin = pathlib.Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None
version = re.search(r'^version = "(.*)"', (root / "Cargo.toml").read_text(), re.M)[1]
tag, target = f"v{version}", "x86_64-unknown-linux-gnu"
bin_folder, draft = work / "bin", work / "assets"

STAND_INS = {
    "sudo": 'exit 0',
    "rustup": 'exit 0',
    "gh": '''case "$1 $2" in
  "release create") mkdir "$DRAFT" && echo draft > "$DRAFT/state" ;;
  "release upload") shift 3; for one; do [[ $one != --repo ]] || break; cp "$one" "$DRAFT/"; done ;;
  "release download") [ "$6 $8" = "--pattern --dir" ] && mkdir -p "$9" && cp "$DRAFT"/$7 "$9/" ;;
  "release edit") [ "$4" = --draft=false ] && echo published > "$DRAFT/state" ;;
  *) echo "gh: unexpected: $*"; exit 1 ;;
esac''',
    # The archive of the crate is made, but not built once more.
    "cargo": '''case "$1" in
  build) mkdir -p "target/$TARGET/release" && cp "$KEYROT" "target/$TARGET/release/keyrot" ;;
  publish) CARGO_NET_OFFLINE=true "$REAL_CARGO" package --locked --no-verify --quiet --target-dir "$WORK/crate" ;;
  *) echo "cargo: unexpected: $*"; exit 1 ;;
esac''',
    "npm": '''if [ "$1" = publish ]; then exec "$REAL_NPM" pack --silent --pack-destination "$WORK"; fi
exec "$REAL_NPM" "$@"''',
    "pipx": '''case "$2" in
  maturin*) if [ -n "$MATURIN" ]; then shift 2; PATH=$REAL_PATH CARGO_TARGET_DIR=$ROOT/target exec "$MATURIN" "$@" --quiet
    else mkdir -p dist && touch dist/stand-in.whl; fi ;;
  uv) ls dist/*.whl && cp dist/*.whl "$WORK/" ;;
  *) echo "pipx: unexpected: $*"; exit 1 ;;
esac''',
}


def check_out(repo):
    """A fresh checkout, as each job begins with."""
    repo.mkdir(parents=True)
    files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, check=True, capture_output=True).stdout
    for name in filter(None, files.decode().split("\0")):
        if (root / name).is_file():
            (repo / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, repo / name)
    identity = ["-c", "user.name=Sam", "-c", "user.email=sam@example.invalid", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", tag]):
        subprocess.run(["git", *command], cwd=repo, check=True)


def stand_in():
    bin_folder.mkdir(parents=True)
    for name, script in STAND_INS.items():
        (bin_folder / name).write_text(f"#!/usr/bin/env bash\nset -euo pipefail\n{script}\n")
        (bin_folder / name).chmod(0o755)


def expand(text, matrix):
    """Replaces `${{ … }}` by what a run for the tag would put there."""
    known = {"github.ref_name": tag, "github.token": "token", "github.ref": f"refs/tags/{tag}"}
    known |= {f"matrix.{name}": value for name, value in matrix.items()}

    def value(match):
        name = match[1].strip()
        return "secret" if name.startswith("secrets.") else known[name]

    return re.sub(r"\$\{\{(.*?)\}\}", value, str(text))


def run(name, job, matrix):
    repo, temp = work / name / "repo", work / name / "temp"
    check_out(repo)
    temp.mkdir()
    job_env = {key: expand(value, matrix) for key, value in job.get("env", {}).items()}
    for step in job["steps"]:
        title = step.get("name") or step["uses"].split("@")[0]
        if "run" not in step:
            print(f"not run: {name}: {title}")
            continue
        env = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}", "REAL_PATH": os.environ["PATH"], "ROOT": str(root), "WORK": str(work),
            "REAL_CARGO": shutil.which("cargo"), "REAL_NPM": shutil.which("npm"), "KEYROT": str(keyrot), "DRAFT": str(draft),
            "MATURIN": str(maturin or ""), "GITHUB_SERVER_URL": "https://forge.example", "GITHUB_REPOSITORY": "team/keyrot",
            "GITHUB_STEP_SUMMARY": str(work / "summary.md"), "RUNNER_TEMP": str(temp),
        } | job_env | {key: expand(value, matrix) for key, value in step.get("env", {}).items()}
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", expand(step["run"], matrix)], cwd=repo, env=env,
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"FAILED {name}: {title}: {done.stdout}{done.stderr}")
        print(f"ok {name}: {title}")


stand_in()
jobs = yaml.safe_load((root / ".github/workflows/release.yml").read_text())["jobs"]
order = ["draft", "binaries", "wheels", "publish"]
assert set(order) == set(jobs), "a job is not run here"
for name in order:
    matrix = jobs[name].get("strategy", {}).get("matrix", {})
    run(name, jobs[name], {"target": target, "runner": matrix.get("runner", ["ubuntu"])[0]})
archive = f"keyrot-{version}-{target}.tar.gz"
assert (draft / "state").read_text() == "published\n"
assert {one.name for one in draft.iterdir()} == {"state", archive, f"{archive}.sha256", "SHA256SUMS"}
subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=draft, check=True)
assert archive in (work / "summary.md").read_text()
assert (work / f"keyrot-{version}.tgz").exists(), "no npm package"
crate = next((work / "crate/package").glob("*.crate"))
assert crate.stat().st_size < 2_000_000, "something that is no source is in the crate"
print(f"crate of {crate.stat().st_size} bytes, wheels: {[one.name for one in work.glob('*.whl')]}")
