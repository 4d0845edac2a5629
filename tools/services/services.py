"""Lists the names of services that issue keys, for src/scan/generic/data/services.txt.

    python3 tools/services/services.py README.md providers.yaml rules american-english > src/scan/generic/data/services.txt

README.md is that of public-apis/public-apis (its entries whose Auth is `apiKey` or `OAuth`), providers.yaml that of NangoHQ/nango (the keys of
its entries), rules the folder of keyrot's own rules (their providers), american-english Debian's word list (package wamerican): a
name that is a word says nothing in a text.
"""

import pathlib
import re
import sys

# Kinds and places of keys, and general words that the word list lacks.
NO_SERVICES = {"jwt", "keystore", "ldap", "lifecycle", "mcp", "nlp", "oauth", "readme", "ssl", "upc", "verifier", "web3"}
NAME = re.compile(r"[a-z][a-z0-9]{2,23}")


def of_public_apis(text):
    for title, auth in re.findall(r"^\| \[([^\]]+)\]\([^)]*\) \|[^|]*\| `?(\w+)`? \|", text, re.MULTILINE):
        if auth in ("apiKey", "OAuth"):
            yield from (title, title.split()[0], re.sub(r"\.(com|io|net|org|co|dev|app|ai)$", "", title.lower()))


def of_nango(text):
    for key in re.findall(r"^([\w-]+):", text, re.MULTILINE):
        yield from (key, key.split("-")[0])


def of_rules(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.toml")):
        yield from re.findall(r'^provider\s*=\s*"([^"]+)"', path.read_text(), re.MULTILINE)


def main():
    apis, nango, rules, words = sys.argv[1:]
    language = {word for word in pathlib.Path(words).read_text().splitlines() if word.islower()}
    listed = [*of_public_apis(pathlib.Path(apis).read_text()), *of_nango(pathlib.Path(nango).read_text()), *of_rules(rules)]
    folded = {re.sub(r"[\s_.-]", "", name.lower()) for name in listed}
    names = {name for name in folded if NAME.fullmatch(name)} - language - NO_SERVICES
    print("\n".join(sorted(names)))


main()
