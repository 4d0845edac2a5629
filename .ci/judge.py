"""Judges CycloneDX by the library's schemas, JUnit by a schema, and GitLab's reports by the rules of their schemas."""

import json
import pathlib
import re
import sys

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


def check(condition, what):
    if not condition:
        problems.append(what)


def gitlab(name, document):
    check(re.fullmatch(r"15\.\d+\.\d+", document["version"]), f"{name}: version")
    scan = document["scan"]
    time = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
    check(time.fullmatch(scan["start_time"]) and time.fullmatch(scan["end_time"]), f"{name}: times")
    check(scan["type"] == "secret_detection" and scan["status"] in ("success", "failure"), f"{name}: scan")
    for tool in (scan["analyzer"], scan["scanner"]):
        check(all(tool[key] for key in ("id", "name", "version")) and tool["vendor"]["name"], f"{name}: tool")
    for message in scan["messages"]:
        check(message["level"] in ("info", "warn", "fatal") and message["value"], f"{name}: message")
    ids = set()
    for one in document["vulnerabilities"]:
        check(one["id"] not in ids, f"{name}: id twice")
        ids.add(one["id"])
        check(0 < len(one["name"]) <= 255 and len(one["description"]) <= 1048576, f"{name}: texts")
        check(len(one.get("solution", "")) <= 7000, f"{name}: solution")
        check(one["severity"] in ("Info", "Unknown", "Low", "Medium", "High", "Critical"), f"{name}: severity")
        check(1 <= len(one["identifiers"]) <= 20, f"{name}: identifiers")
        check(all(one_id[key] for one_id in one["identifiers"] for key in ("type", "name", "value")), f"{name}: identifier")
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


seen = 0
for path in sorted(work.iterdir()):
    name = path.name
    if path.suffix == ".cyclonedx":
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text())
        check(error is None, f"{name}: {error}")
    elif path.suffix == ".junit":
        document = etree.fromstring(path.read_bytes())
        check(JUNIT.validate(document), f"{name}: {JUNIT.error_log}")
    elif path.suffix == ".gitlab":
        gitlab(name, json.loads(path.read_text()))
    elif path.suffix == ".codequality":
        quality(name, json.loads(path.read_text()))
    else:
        continue
    seen += 1
print(f"{seen} reports judged")
check(seen >= 8, "too few reports")
for problem in problems:
    print("FAILED:", problem)
sys.exit(bool(problems))
