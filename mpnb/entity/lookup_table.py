"""Lookup tables: CSV files whose columns become properties.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: the id of a lookup table is the
id of its data group, and forms spell it ``data-group-id``.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from mpnb.entity.model import CamelRecord, Params


class LookupTable(CamelRecord):
    """A lookup table."""

    id: int
    """Also the id of its data group."""
    name: str
    token: str | None = Field(default=None, repr=False)
    """Word that Mixpanel knows the table by; never shown."""
    created_at: str | None = None
    last_modified_at: str | None = None
    """When it was last changed."""
    has_mapped_properties: bool | None = None
    """Whether properties are joined to it."""


class UploadLookupTableParams(Params):
    """A file to upload."""

    name: str = Field(min_length=1, max_length=255)
    file_path: str
    """Path of the CSV file; its first line names the columns."""
    data_group_id: int | None = None
    """The lookup table that it replaces; a new one is made when left out."""


class MarkLookupTableReadyParams(Params):
    """A file that was uploaded, to become a lookup table."""

    name: str
    key: str
    """From `LookupTableUploadUrl`."""
    data_group_id: int | None = Field(default=None, serialization_alias="data-group-id")


class LookupTableUploadUrl(CamelRecord):
    """Where a file can be uploaded for a while."""

    url: str = Field(repr=False)
    path: str
    """Where the file will lie in the bucket."""
    key: str = Field(repr=False)
    """What `MarkLookupTableReadyParams` names the file by."""


class UpdateLookupTableParams(Params):
    """What of a lookup table is to change."""

    name: str | None = None


class LookupTableBegun(CamelRecord):
    """A large file is still being read."""

    upload_id: str


class LookupTableUpload(CamelRecord):
    """How far the reading of a large file has come."""

    upload_status: str
    result: LookupTable | None = None

    @field_validator("result", mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        """Until it is done there is no table; what stands there then is something else."""
        return given if isinstance(given, dict) and "id" in given else None
