"""The OpenAPI documents as operations, and one request for each, made of its own examples.

Enters: the folder of documents. Leaves: operations with their schemas resolved. The surprise: one
address may stand several times, told apart by a ``#…`` that is no part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.parity.shared import SHARED

FOLDER = SHARED / "reference" / "openapi"
METHODS = ("post", "get", "put", "patch", "delete")
BASES = {
    "annotations": "/api/app",
    "data-pipelines": "/api/2.0",
    "experiments": "/api/app",
    "export": "/api/2.0",
    "feature-flags-management": "/api/app",
    "feature-flags": "",
    "gdpr": "/api/app",
    "identity": "",
    "ingestion": "",
    "lexicon-schemas": "/api/app",
    "platform": "",
    "query": "/api/query",
    "service-accounts": "/api/app",
    "warehouse-connectors": "/api/app",
}
"""Document → what its servers add to an address."""


@dataclass(frozen=True)
class Operation:
    """One documented operation."""

    document: str
    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...] = ()
    bodies: Mapping[str, Any] = field(default_factory=dict)
    """Media type → what is said of the body."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """Status → what is said of the answer."""

    @property
    def name(self) -> str:
        return f"{self.document}: {self.method.upper()} {self.path}"

    @property
    def template(self) -> str:
        """The address below the host, with placeholders."""
        return BASES[self.document] + self.path.partition("#")[0]

    @property
    def good(self) -> Mapping[str, Any]:
        """Status of success → JSON schema; None where the answer is no JSON."""
        return {
            status: said.get("content", {}).get("application/json", {}).get("schema")
            for status, said in self.answers.items()
            if status.startswith("2")
        }

    def query(self) -> dict[str, str]:
        """The query parameters that must be there, with their own examples."""
        wanted = [p for p in self.parameters if p["in"] == "query" and p.get("required")]
        return {p["name"]: _text(example_of(p.get("schema", {}), p)) for p in wanted}

    def body(self) -> tuple[str, Any] | None:
        """Media type and an example of the body."""
        for media, said in self.bodies.items():
            return media, example_of(said.get("schema", {}), said)
        return None


def operations() -> Iterator[Operation]:
    """All operations, of all documents; parents before children, deletions last."""
    for file in sorted(FOLDER.iterdir()) if FOLDER.is_dir() else ():
        document = yaml.safe_load(file.read_text("utf-8"))
        name = file.name.partition(".")[0]
        found = []
        for path, item in document.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    shared = item.get("parameters", [])
                    found.append(_operation(document, name, method, path, item[method], shared))
        yield from sorted(found, key=_late)


def _late(operation: Operation) -> tuple[bool, int]:
    """Deletions last, and of those the ones on parts of a thing first."""
    deletes = operation.method == "delete"
    return deletes, -len(operation.path) if deletes else 0


def _operation(
    document: Any, name: str, method: str, path: str, said: Any, shared: list[Any]
) -> Operation:
    known = resolved([*shared, *said.get("parameters", [])], document)
    body = resolved(said.get("requestBody", {}), document).get("content", {})
    return Operation(
        name, method, path, tuple(known), body, resolved(said.get("responses", {}), document)
    )


def resolved(part: Any, document: Any, depth: int = 0) -> Any:
    """A piece of a document as a JSON schema: references filled in, ``nullable`` as a type."""
    if depth > 40:
        return {}
    if isinstance(part, list):
        return [resolved(item, document, depth + 1) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        found = document
        for key in part["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return resolved(found, document, depth + 1)
    made = {key: resolved(value, document, depth + 1) for key, value in part.items()}
    if made.get("additionalProperties") is False:
        del made["additionalProperties"]  # recorded answers have more fields than are documented
    return {"anyOf": [made, {"type": "null"}]} if made.get("nullable") is True else made


def example_of(schema: Mapping[str, Any], said: Mapping[str, Any] | None = None) -> Any:
    """A value that a schema describes: its example, its default, or the plainest one."""
    for source in (said or {}, schema):
        if "example" in source:
            return source["example"]
        for one in (source.get("examples") or {}).values() if _by_name(source) else ():
            return one.get("value", one) if isinstance(one, dict) else one
    if "default" in schema:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    for word in ("oneOf", "anyOf"):
        if schema.get(word):
            return example_of(schema[word][0])
    if schema.get("allOf"):
        parts = [example_of(part) for part in schema["allOf"]]
        return {k: v for part in parts if isinstance(part, dict) for k, v in part.items()}
    if schema.get("type") == "object" or "properties" in schema:
        inside = schema.get("properties", {})
        return {name: example_of(one) for name, one in inside.items() if not one.get("readOnly")}
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}))]
    if schema.get("format") in ("date", "date-time"):
        return "2025-01-02" if schema["format"] == "date" else "2025-01-02T00:00:00"
    return {"integer": 1, "number": 1, "boolean": True}.get(str(schema.get("type")), "text")


def _by_name(source: Mapping[str, Any]) -> bool:
    return isinstance(source.get("examples"), dict)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
