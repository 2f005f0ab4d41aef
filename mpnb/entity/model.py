"""What the models of all entities share.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: fields that the server adds and
we do not know are kept on what it answers, while a misspelt field of what we send is refused.
"""

from __future__ import annotations

from enum import Enum
from inspect import Signature
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

E = TypeVar("E", bound=Enum)

OrOther = Annotated[E | str, Field(union_mode="left_to_right")]
"""A known word as its enum member; a word that is new to us stays text."""


class _Signature:
    """The signature of a model that is built when somebody asks for it, as Shift-Tab does."""

    def __get__(self, instance: object, model: type[BaseModel]) -> Signature:
        model.model_rebuild()  # puts the built signature in this one's place
        found: Signature = model.__signature__
        return found


class Deferred(BaseModel):
    """A model that is built at its first use, since hundreds would slow the import."""

    model_config = ConfigDict(defer_build=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if not cls.__pydantic_complete__:
            cls.__signature__ = _Signature()  # type: ignore[assignment]  # a descriptor of one


class Record(Deferred):
    """Something that the server answers with: frozen, unknown fields kept.

    A null where a field has a default of its own is as good as a missing field, and a number where
    text is expected is its digits: ids come both ways.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        populate_by_name=True,
        coerce_numbers_to_str=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, given: Any) -> Any:
        if not isinstance(given, dict) or None not in given.values():
            return given
        return {key: v for key, v in given.items() if v is not None or not cls._defaults(key)}

    @classmethod
    def _defaults(cls, key: str) -> bool:
        """Whether a field has a default other than None."""
        field = cls.model_fields.get(key)
        return field is not None and not field.is_required() and field.default is not None


class Params(Deferred):
    """Something that we send; what is None is left out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    def to_body(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class CamelRecord(Record):
    """A record whose fields are spelled ``likeThis`` outside; both spellings are read."""

    # Built at once: pydantic makes up the aliases only then.
    model_config = ConfigDict(alias_generator=to_camel, defer_build=False)


class CamelParams(Params):
    """Something that we send with fields spelled ``likeThis``."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=False)
