"""Lookup tables: an address to upload to, the upload, the table.

Enters: the three steps of an upload. Leaves: tables, and their files again. The surprise: the first
answer about an upload is that it is pending, so that clients which do not ask again are found out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from mpnb.emulator.entities import Entities, Row
from mpnb.emulator.messages import Answer, Refusal, Request

UPLOADS = "/_emulator/uploads/"
TABLES, PATH = "lookup-tables", "data-definitions/lookup-tables"
Keys = tuple[str, ...]


class Lookups:
    """Answers the addresses of lookup tables; files are kept for the emulator's life."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities
        self._files: dict[str, bytes] = {}
        self._pending: set[str] = set()

    def answers(self) -> dict[tuple[str, str], Callable[[Request, Keys], Any]]:
        """Method and address below the scope → what answers."""
        return {
            ("GET", PATH): self._list,
            ("POST", PATH): self._register,
            ("PATCH", PATH): self._rename,
            ("DELETE", PATH): self._delete,
            ("GET", PATH + "/upload-url"): self._upload_url,
            ("GET", PATH + "/upload-status"): self._status,
            ("GET", PATH + "/download-url"): self._download_url,
            ("GET", PATH + "/download"): self._download,
        }

    def stored(self, request: Request) -> Answer:
        """PUT and GET at an address that was handed out: the key in it is the permission."""
        key = request.path.removeprefix(UPLOADS)
        if request.method == "PUT" and key in self._pending:
            self._files[key] = request.content
            return Answer()
        if request.method == "GET" and key in self._files:
            return Answer(self._files[key], type="text/csv")
        raise Refusal(403, "This address was not handed out, or no longer holds.")

    def _list(self, request: Request, keys: Keys) -> list[Row]:
        wanted = request.get("data-group-id")
        rows = self._entities.rows(TABLES)
        return [_shown(row) for row in rows if wanted in (None, str(row["id"]))]

    def _upload_url(self, request: Request, keys: Keys) -> dict[str, str]:
        key = hashlib.sha256(b"%d" % self._entities.new_id()).hexdigest()[:32]
        self._pending.add(key)
        return {"url": _address(request, key), "path": f"uploads/{key}.csv", "key": key}

    def _register(self, request: Request, keys: Keys) -> Any:
        """With a path the upload becomes a table by and by; without one it is one at once."""
        key = str(request.need("key"))
        if key not in self._files:
            raise Refusal(400, f"Nothing was uploaded under the key {key}.")
        number = request.number("data-group-id") or self._entities.new_id()
        before = self._entities.find(TABLES, str(number)) or {"hasMappedProperties": False}
        row = {**before, "id": number, "name": str(request.need("name")), "key": key, "token": key}
        made = self._entities.put(TABLES, str(number), row, "uploaded")
        if not request.get("path"):
            return _shown(made)
        self._entities.set_value(f"upload/{key}", {"table": number, "asked": 0})
        return {"uploadId": key}

    def _status(self, request: Request, keys: Keys) -> dict[str, Any]:
        name = f"upload/{request.need('upload-id')}"
        upload = self._entities.value(name)
        if upload is None:
            return {"uploadStatus": "NOTFOUND"}
        self._entities.set_value(name, {**upload, "asked": upload["asked"] + 1})
        if not upload["asked"]:
            return {"uploadStatus": "PENDING"}
        return {"uploadStatus": "SUCCESS", "result": _shown(self._table(upload["table"]))}

    def _rename(self, request: Request, keys: Keys) -> Row:
        row = self._table(request.need("data-group-id"))
        row["name"] = request.fields.get("name", row["name"])
        return _shown(self._entities.put(TABLES, str(row["id"]), row, "updated"))

    def _delete(self, request: Request, keys: Keys) -> dict[str, Any]:
        wanted = request.parsed("data-group-ids")
        if not isinstance(wanted, list):
            raise Refusal(400, "The body must hold a list data-group-ids.")
        rows = [self._table(number) for number in wanted]
        for row in rows:
            self._entities.delete(TABLES, str(row["id"]))
        return {}

    def _download_url(self, request: Request, keys: Keys) -> dict[str, str]:
        return {"url": _address(request, self._table(request.need("data-group-id"))["key"])}

    def _download(self, request: Request, keys: Keys) -> Answer:
        content = self._files.get(self._table(request.need("data-group-id"))["key"], b"")
        limit = request.number("limit")
        if limit is not None:
            content = b"".join(content.splitlines(keepends=True)[: limit + 1])
        return Answer(content, type="text/csv")

    def _table(self, number: Any) -> Row:
        row = self._entities.find(TABLES, str(number))
        if row is None:
            raise Refusal(404, f"There is no lookup table {number} in this project.")
        return row


def _address(request: Request, key: str) -> str:
    return f"http://{request.headers.get('host', '127.0.0.1')}{UPLOADS}{key}"


def _shown(row: Row) -> Row:
    """A table as the app API shows it."""
    moments = {"createdAt": row["created"], "lastModifiedAt": row["modified"]}
    return {key: row[key] for key in ("id", "name", "token", "hasMappedProperties")} | moments
