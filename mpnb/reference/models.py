"""What a page of the help is made of.

Enter: what was read off a live object. Leave: frozen parts that know their JSON. The surprise:
everything a page shows is in its `HelpEntry`; the three forms of it only lay it out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any, Literal, get_args

from mpnb.errors import ParamValidationError

HelpFormat = Literal["text", "markdown", "json"]
MemberKind = Literal[
    "module",
    "exception",
    "enum",
    "model",
    "dataclass",
    "class",
    "literal",
    "alias",
    "function",
    "constant",
    "method",
    "property",
]
HelpKind = Literal[
    "module",
    "exception",
    "enum",
    "model",
    "dataclass",
    "class",
    "literal",
    "alias",
    "function",
    "constant",
    "method",
    "property",
    "overview",
    "listing",
    "parameter",
]
MatchedOn = Literal["name", "member", "value", "summary", "doc"]
ParamKind = Literal[
    "positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword"
]
FORMATS: tuple[HelpFormat, ...] = get_args(HelpFormat)
DISPLAY = "mpnb.reference.html"
"""The module that shows a page in a notebook."""
_MEMBER_KINDS = get_args(MemberKind)


class _Page:
    """What all parts share: their JSON."""

    __slots__ = ()

    def to_dict(self) -> dict[str, object]:
        """Return the part as JSON data, parts within it included."""
        made: Any = self
        return {field.name: _data(getattr(self, field.name)) for field in fields(made)}


class _Shown(_Page):
    """What shows itself in a notebook as a page instead of as the call that makes it."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        made: dict[str, Any] = import_module(DISPLAY).bundle(self)  # laying out knows these parts
        return made


def _data(value: Any) -> Any:
    if isinstance(value, _Page):
        return value.to_dict()
    return [_data(item) for item in value] if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class DocSections(_Page):
    """A docstring by its sections; `args` and `raises` are pairs of name and text."""

    summary: str = ""
    body: str = ""
    args: tuple[tuple[str, str], ...] = ()
    returns: str = ""
    raises: tuple[tuple[str, str], ...] = ()
    example: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class ParamDoc(_Page):
    """A parameter: annotation and default as they are written, and the words it may be."""

    name: str
    annotation: str | None = None
    default: str | None = None
    description: str = ""
    values: tuple[str, ...] = ()
    kind: ParamKind = "positional_or_keyword"


@dataclass(frozen=True, slots=True)
class SignatureDoc(_Page):
    """How something is called."""

    name: str
    params: tuple[ParamDoc, ...] = ()
    returns: str | None = None


@dataclass(frozen=True, slots=True)
class FieldDoc(_Page):
    """A field of a class; `alias` is its name in JSON where that differs.

    Raises:
        ParamValidationError: the field is required and yet has a default.
    """

    name: str
    annotation: str
    default: str | None = None
    required: bool = False
    constraints: tuple[str, ...] = ()
    alias: str | None = None
    values: tuple[str, ...] = ()
    description: str = ""

    def __post_init__(self) -> None:
        if self.required and self.default is not None:
            raise ParamValidationError(
                f"The field {self.name} has a default, so it is not required.", "HELP_FIELD"
            )


@dataclass(frozen=True, slots=True)
class MemberDoc(_Page):
    """A line about something on a page; `depth` indents it.

    Raises:
        ParamValidationError: the kind is not known, or the depth is below 0.
    """

    name: str
    kind: MemberKind
    summary: str = ""
    signature: SignatureDoc | None = None
    depth: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _MEMBER_KINDS or self.depth < 0:
            raise ParamValidationError(
                f"{self.name} cannot be a {self.kind!r} at depth {self.depth}.", "HELP_MEMBER"
            )


@dataclass(frozen=True, slots=True)
class Group(_Page):
    """Lines under a title."""

    title: str
    items: tuple[MemberDoc, ...]


@dataclass(frozen=True, slots=True)
class UsageDoc(_Page):
    """Where a type is taken: a method, and the parameters of it."""

    method: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hint(_Page):
    """A page elsewhere that says more."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class HelpEntry(_Shown):
    """A page of the help: everything that is known about one thing."""

    kind: HelpKind
    name: str
    qualname: str
    summary: str
    doc: DocSections
    signature: SignatureDoc | None = None
    bases: tuple[str, ...] = ()
    config: tuple[tuple[str, str], ...] = ()
    construction: tuple[MemberDoc, ...] = ()
    fields: tuple[FieldDoc, ...] = ()
    properties: tuple[MemberDoc, ...] = ()
    methods: tuple[MemberDoc, ...] = ()
    values: tuple[str, ...] = ()
    value: str | None = None
    groups: tuple[Group, ...] = ()
    referenced_types: tuple[tuple[str, str], ...] = ()
    used_by: tuple[UsageDoc, ...] = ()
    domain: str | None = None
    see_also: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchHit(_Page):
    """Something that a search found, and what of it matched."""

    category: MemberKind
    name: str
    summary: str
    matched_on: MatchedOn


@dataclass(frozen=True, slots=True)
class SearchResult(_Shown):
    """What a search found, best first; `suggestions` are names near the term."""

    term: str
    hits: tuple[SearchHit, ...] = ()
    suggestions: tuple[str, ...] = ()
