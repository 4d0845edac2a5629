"""Judges CycloneDX by the library's schemas, JUnit by a schema, and GitLab's reports by the rules of their schemas."""

import json
import pathlib
import re
import sys

import jsonschema
import junitparser
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from lxml import etree

work = pathlib.Path(sys.argv[1])
problems = []

# The schema that Jenkins's and Azure's readers share, written down as far as keyrot uses it.
JUNIT = etree.XMLSchema(etree.fromstring(b"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="result"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="message"/><xs:attribute name="type"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:element name="testsuites"><xs:complexType><xs:sequence>
    <xs:element name="testsuite" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="properties" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="property" maxOccurs="unbounded"><xs:complexType>
          <xs:attribute name="name" use="required"/><xs:attribute name="value" use="required"/></xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="testcase" minOccurs="1" maxOccurs="unbounded"><xs:complexType>
        <xs:choice minOccurs="0" maxOccurs="unbounded">
          <xs:element name="failure" type="result"/><xs:element name="error" type="result"/>
          <xs:element name="skipped" type="result"/><xs:element name="system-out" type="xs:string"/>
        </xs:choice>
        <xs:attribute name="name" use="required"/><xs:attribute name="classname" use="required"/>
        <xs:attribute name="time" type="xs:decimal"/><xs:attribute name="timestamp"/></xs:complexType></xs:element>
      <xs:element name="system-out" type="xs:string" minOccurs="0"/>
    </xs:sequence>
    <xs:attribute name="name" use="required"/><xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/>
    <xs:attribute name="disabled"/><xs:attribute name="skipped"/><xs:attribute name="time"/>
    <xs:attribute name="timestamp"/></xs:complexType></xs:element>
  </xs:sequence>
  <xs:attribute name="name" use="required"/><xs:attribute name="tests"/><xs:attribute name="failures"/>
  <xs:attribute name="errors"/><xs:attribute name="disabled"/><xs:attribute name="skipped"/><xs:attribute name="time"/><xs:attribute name="timestamp"/>
  </xs:complexType></xs:element>
</xs:schema>"""))


def record(required, **properties):
    """A JSON object with nothing but these properties: the schema permits more, but keyrot writes no more."""
    return {"type": "object", "required": required.split(), "properties": properties, "additionalProperties": False}


def text(**limits):
    return {"type": "string", "minLength": 1, **limits}


def many(items, **limits):
    return {"type": "array", "items": items, **limits}


def one_of(*values):
    return {"type": "string", "enum": list(values)}


# What GitLab's secret-detection-report-format.json 15.2.1 (in lib/gitlab/ci/parsers/security/validators/schemas of gitlabhq on
# GitHub) asks of each property that keyrot writes.
URL, LINK = text(pattern="^https?://.+"), text(pattern="^(https?|ftp)://.+")
TIME, LINE = text(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"), {"type": "number", "minimum": 1}
TOOL = record("id name version vendor", id=text(), name=text(), version=text(), url=URL, vendor=record("name", name=text()))
GITLAB = jsonschema.Draft7Validator(record(
    "scan version vulnerabilities",
    version=text(pattern=r"^15\.[0-9]+\.[0-9]+$"),
    schema=URL,
    scan=record(
        "analyzer scanner start_time end_time status type",
        analyzer=TOOL, scanner=TOOL, start_time=TIME, end_time=TIME,
        status=one_of("success", "failure"), type=one_of("secret_detection"),
        messages=many(record("level value", level=one_of("info", "warn", "fatal"), value=text())),
    ),
    vulnerabilities=many(record(
        "id identifiers location",
        id=text(), name=text(maxLength=255), description=text(maxLength=1048576), solution=text(maxLength=7000),
        severity=one_of("Info", "Unknown", "Low", "Medium", "High", "Critical"),
        identifiers=many(record("type name value", type=text(), name=text(), value=text(), url=LINK), minItems=1, maxItems=20),
        links=many(record("url", name=text(), url=LINK)),
        location=record("commit", file=text(), commit=record("sha", sha=text()), start_line=LINE, end_line=LINE),
    )),
))


def check(condition, what):
    if not condition:
        problems.append(what)


def gitlab(name, document):
    for error in GITLAB.iter_errors(document):
        check(False, f"{name}: {error.json_path}: {error.message}")
    ids = set()
    for one in document["vulnerabilities"]:
        check(one["id"] not in ids, f"{name}: id twice")
        ids.add(one["id"])
        location = one["location"]
        check(location["file"] and re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", location["commit"]["sha"]), f"{name}: location")
        check(0 < location.get("start_line", 1) <= location.get("end_line", 1 << 30), f"{name}: lines")
        check("raw_source_code_extract" not in one, f"{name}: the secret may stand there")


def quality(name, issues):
    prints = [one["fingerprint"] for one in issues]
    check(len(prints) == len(set(prints)), f"{name}: fingerprint twice")
    for one in issues:
        check(one["severity"] in ("info", "minor", "major", "critical", "blocker"), f"{name}: severity")
        check(one["description"] and one["check_name"] and one["location"]["path"], f"{name}: texts")
        check(one["location"]["lines"]["begin"] >= 1, f"{name}: lines")


def assets(name, document, version):
    for component in document["components"]:
        crypto = component["cryptoProperties"]
        material = crypto.get("relatedCryptoMaterialProperties", {})
        check("value" not in material, f"{name}: the secret may stand there")
        check(crypto["assetType"] == "certificate" or "type" in material, f"{name}: type")
    states = {one["cryptoProperties"].get("relatedCryptoMaterialProperties", {}).get("state") for one in document["components"]}
    if name.startswith("history"):
        check({"compromised", "active"} <= states, f"{name}: {states}")
    if name.startswith("audit"):
        check({"active", "deactivated"} <= states and "compromised" not in states, f"{name}: {states}")


def diagnostics(name, document):
    for one in document["diagnostics"]:
        check(one["message"] and one["severity"] in ("ERROR", "WARNING", "INFO"), f"{name}: diagnostic")
        ends = one["location"].get("range", {}).values()
        check(all(end["line"] >= 1 and end["column"] >= 1 for end in ends), f"{name}: range")


def sarif(name, document):
    """What the Multitool does not look at."""
    run = document["runs"][0]
    check(len(document["runs"]) == 1 and isinstance(run["results"], list), f"{name}: one run with results")
    check(run["columnKind"] == "utf16CodeUnits" and "automationDetails" not in run, f"{name}: run")
    marked = [result for result in run["results"] if "suppressions" in result]
    check(len(marked) in (0, len(run["results"])), f"{name}: if any result has suppressions, all must")
    for result in run["results"]:
        check("kind" not in result and 0 <= result["rank"] <= 100, f"{name}: kind and rank")
        check(result["message"]["text"].endswith((".", "!", "?")) and len(result["message"]["text"]) <= 2048, f"{name}: message")
        region = result["locations"][0]["physicalLocation"]["region"]
        check(all(region[key] >= 1 for key in ("startLine", "startColumn", "endLine", "endColumn")), f"{name}: region")
        for link in re.findall(r"\]\((\d+)\)", result["message"]["text"]):
            check(any(place["id"] == int(link) for place in result["relatedLocations"]), f"{name}: link {link}")
    for rule in run["tool"]["driver"]["rules"]:
        score = rule["properties"]["security-severity"]
        check(isinstance(score, str) and 0 < float(score) <= 10, f"{name}: security-severity of {rule['id']}")
        check(len(rule["properties"]["tags"]) <= 10 and "security" in rule["properties"]["tags"], f"{name}: tags")
        check({"text", "markdown"} <= set(rule["help"]) and len(rule["name"]) <= 255, f"{name}: help of {rule['id']}")
        check(len(rule["shortDescription"]["text"]) <= 1024 >= len(rule["fullDescription"]["text"]), f"{name}: texts")
    if name.startswith("history"):
        flows = [flow["threadFlows"][0]["locations"] for result in run["results"] for flow in result.get("codeFlows", [])]
        steps = [" → ".join(step["location"]["message"]["text"] for step in flow) for flow in flows]
        wanted = re.compile(r"Introduced in commit .* → .*still stands here.* → .*unchanged since")
        check(any(wanted.search(one) for one in steps), f"{name}: no flow from introduced to not rotated: {steps}")


seen = 0
for path in sorted(work.iterdir()):
    name = path.name
    if ".cyclonedx" in name:
        version = SchemaVersion.V1_7 if name.endswith("-1.7") else SchemaVersion.V1_6
        error = JsonStrictValidator(version).validate_str(path.read_text())
        check(error is None, f"{name}: {error}")
        assets(name, json.loads(path.read_text()), version)
    elif path.suffix == ".junit":
        document = etree.fromstring(path.read_bytes())
        check(JUNIT.validate(document), f"{name}: {JUNIT.error_log}")
        suites = junitparser.JUnitXml.fromfile(str(path))
        check(sum(suite.tests for suite in suites) == len([case for suite in suites for case in suite]), f"{name}: counts")
    elif path.suffix == ".gitlab":
        gitlab(name, json.loads(path.read_text()))
    elif path.suffix == ".codequality":
        quality(name, json.loads(path.read_text()))
    elif path.suffix == ".rdjson":
        diagnostics(name, json.loads(path.read_text()))
    elif path.suffix == ".sarif":
        sarif(name, json.loads(path.read_text()))
    else:
        continue
    seen += 1
print(f"{seen} reports judged")
check(seen >= 30, "too few reports")
for problem in problems:
    print("FAILED:", problem)
sys.exit(bool(problems))
