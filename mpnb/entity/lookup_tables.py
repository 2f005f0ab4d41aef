"""Lookup tables; an upload takes three requests, and more while a large file is being read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mpnb.engine.mixpanel.call import Call
from mpnb.entity.base import Entity, delete, get, patch, post
from mpnb.errors import MixpanelHeadlessError
from mpnb.query.checked import checked

if TYPE_CHECKING:
    from mpnb.entity.lookup_table import (
        LookupTable,
        LookupTableBegun,
        LookupTableUpload,
        LookupTableUploadUrl,
        MarkLookupTableReadyParams,
        UpdateLookupTableParams,
        UploadLookupTableParams,
    )

CSV = "text/csv"
TABLES = "data-definitions/lookup-tables/"
GROUP = {"data_group_id": "data-group-id"}

ENDED: Mapping[str, tuple[str, str]] = {
    "FAILURE": ("UPLOAD_FAILED", "could not read the file"),
    "REVOKED": ("UPLOAD_FAILED", "gave the upload up"),
    "NOTFOUND": ("UPLOAD_NOT_FOUND", "does not know the upload any more"),
}
"""Status after which nothing more comes → code, what happened."""


class LookupTables(Entity, models=("mpnb.entity.lookup_table",)):
    """CSV files whose columns become properties."""

    @get(TABLES, names=GROUP)
    def list_lookup_tables(self, *, data_group_id: int | None = None) -> list[LookupTable]:
        """The lookup tables; the one of a data group when asked."""
        ...

    @checked
    def upload_lookup_table(
        self,
        params: UploadLookupTableParams,
        *,
        poll_interval: float = 2.0,
        max_poll_seconds: float = 300.0,
    ) -> LookupTable:
        """Make a lookup table of a CSV file, or replace one.

        Args:
            params: name and file; ``data_group_id`` says which table to replace.
            poll_interval: seconds between looks at how far a large file is.
            max_poll_seconds: seconds after which to stop looking.

        Raises:
            OSError: the file cannot be read.
            MixpanelHeadlessError: the upload failed (codes ``UPLOAD_ERROR``, ``UPLOAD_FAILED``,
                ``UPLOAD_NOT_FOUND``), or is not done in time (``UPLOAD_TIMEOUT``; it may still
                come to an end, `get_lookup_upload_status` tells).
        """
        self._permit("upload_lookup_table")
        data = Path(params.file_path).expanduser().read_bytes()
        target = self._lookup_upload_url(CSV)
        self._put_file(target, data)
        made = self._register_lookup_table(
            params.name, target.path, target.key, params.data_group_id
        )
        upload_id = getattr(made, "upload_id", None)
        if upload_id is None:
            return cast("LookupTable", made)
        return self._uploaded(upload_id, poll_interval, max_poll_seconds)

    def _put_file(self, target: LookupTableUploadUrl, data: bytes) -> None:
        """Send a file to the address that Mixpanel handed out; no credentials go there."""
        kind = {"Content-Type": CSV}
        call = Call("PUT", "outside", target.url, body=data, mutates=True, headers=kind)
        reply = self._mixpanel("upload_lookup_table").transport.reply(call)
        if reply.status_code >= 300:
            raise MixpanelHeadlessError(
                f"The file was not taken (HTTP {reply.status_code}); nothing was changed.",
                code="UPLOAD_ERROR",
                details={"status_code": reply.status_code},
            )

    def _uploaded(self, upload_id: str, every_s: float, most_s: float) -> LookupTable:
        """Look until a large file was read."""
        end = time.monotonic() + most_s
        while True:
            upload = self._lookup_upload_status(upload_id)
            if upload.upload_status == "SUCCESS":
                return _table(upload)
            if upload.upload_status in ENDED:
                code, happened = ENDED[upload.upload_status]
                raise _unfinished(f"Mixpanel {happened}", code, upload_id)
            if time.monotonic() + every_s > end:
                raise _unfinished(
                    f"Mixpanel still reads the file after {most_s:g} s", "UPLOAD_TIMEOUT", upload_id
                )
            time.sleep(every_s)

    @post(TABLES, form=True, names=GROUP)
    def _register_lookup_table(
        self, name: str, path: str, key: str, data_group_id: int | None = None
    ) -> LookupTableBegun | LookupTable:
        """Make a table of an uploaded file."""
        ...

    @post(TABLES, form=True)
    def mark_lookup_table_ready(self, params: MarkLookupTableReadyParams) -> LookupTable:
        """Make a lookup table of a file that you uploaded yourself."""
        ...

    def get_lookup_upload_url(self, content_type: str = CSV) -> LookupTableUploadUrl:
        """Where a file can be uploaded for a while; whoever has the address can."""
        return self._lookup_upload_url(content_type)

    @get(TABLES + "upload-url/", names={"content_type": "content-type"})
    def _lookup_upload_url(self, content_type: str) -> LookupTableUploadUrl:
        """Where a file can be uploaded."""
        ...

    @get(TABLES + "upload-status/", names={"upload_id": "upload-id"})
    def get_lookup_upload_status(self, upload_id: str) -> dict[str, Any]:
        """How far the reading of a large file is: ``uploadStatus``, and ``result`` at its end."""
        ...

    @get(TABLES + "upload-status/", names={"upload_id": "upload-id"})
    def _lookup_upload_status(self, upload_id: str) -> LookupTableUpload:
        """How far the reading of a large file is."""
        ...

    @patch(TABLES, names=GROUP)
    def update_lookup_table(
        self, data_group_id: int, params: UpdateLookupTableParams
    ) -> LookupTable:
        """Rename a lookup table."""
        ...

    @delete(TABLES, names={"data_group_ids": "data-group-ids"}, into="body", destroys=True)
    def delete_lookup_tables(self, data_group_ids: list[int], *, confirm: bool = False) -> None:
        """Delete lookup tables for good."""
        ...

    @get(TABLES + "download/", names={**GROUP, "file_name": "file-name"})
    def download_lookup_table(
        self, data_group_id: int, *, file_name: str | None = None, limit: int | None = None
    ) -> bytes:
        """The CSV file of a lookup table.

        Args:
            data_group_id: the table.
            file_name: which of its files.
            limit: rows at most.
        """
        ...

    def get_lookup_download_url(self, data_group_id: int) -> str:
        """Where the CSV file of a lookup table can be fetched for a while.

        Raises:
            MixpanelHeadlessError: the answer has no address (code ``MISSING_URL``).
        """
        found = self._lookup_download_url(data_group_id)
        url = found if isinstance(found, str) else found.get("url") or found.get("download_url")
        if not isinstance(url, str) or not url:
            raise MixpanelHeadlessError(
                f"Mixpanel named no address for lookup table {data_group_id}.", code="MISSING_URL"
            )
        return url

    @get(TABLES + "download-url/", names=GROUP)
    def _lookup_download_url(self, data_group_id: int) -> dict[str, Any] | str:
        """Where the file can be fetched."""
        ...


def _table(upload: LookupTableUpload) -> LookupTable:
    if upload.result is None:
        raise MixpanelHeadlessError(
            "The upload is done, but Mixpanel did not say which table it made; "
            "list_lookup_tables() shows it.",
            code="INVALID_RESPONSE",
        )
    return upload.result


def _unfinished(happened: str, code: str, upload_id: str) -> MixpanelHeadlessError:
    return MixpanelHeadlessError(
        f"{happened} (upload {upload_id}).", code=code, details={"upload_id": upload_id}
    )
