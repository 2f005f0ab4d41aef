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
    """The first paragraph."""
    body: str = ""
    """What stands below it, outside of sections."""
    args: tuple[tuple[str, str], ...] = ()
    """Names of arguments or fields, each with its text."""
    returns: str = ""
    """What comes back."""
    raises: tuple[tuple[str, str], ...] = ()
    """Names of errors, each with when they are raised."""
    example: str = ""
    """Lines that show how it is used."""
    notes: str = ""
    """Further remarks."""


@dataclass(frozen=True, slots=True)
class ParamDoc(_Page):
    """A parameter: annotation and default as they are written, and the words it may be."""

    name: str
    """Its name, with the stars that are written before it."""
    annotation: str | None = None
    """Its type, as the code writes it."""
    default: str | None = None
    """Its default as one would write it; None where it has none."""
    description: str = ""
    """What it means."""
    values: tuple[str, ...] = ()
    """Words that it may be."""
    kind: ParamKind = "positional_or_keyword"
    """How it may be given, by the names of `inspect.Parameter`."""


@dataclass(frozen=True, slots=True)
class SignatureDoc(_Page):
    """How something is called."""

    name: str
    params: tuple[ParamDoc, ...] = ()
    """Its parameters, in order."""
    returns: str | None = None
    """Type of what comes back, as the code writes it."""


@dataclass(frozen=True, slots=True)
class FieldDoc(_Page):
    """A field of a class; `alias` is its name in JSON where that differs.

    Raises:
        ParamValidationError: the field is required and yet has a default.
    """

    name: str
    annotation: str
    """Its type, as the code writes it."""
    default: str | None = None
    """Its default as one would write it."""
    required: bool = False
    """Whether it must be given."""
    constraints: tuple[str, ...] = ()
    """What its value must keep to."""
    alias: str | None = None
    """Its name in JSON."""
    values: tuple[str, ...] = ()
    """Words that it may be."""
    description: str = ""
    """What it means."""

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
    """What it is."""
    summary: str = ""
    """What it does, in a sentence."""
    signature: SignatureDoc | None = None
    """How it is called."""
    depth: int = 0
    """How far it is indented."""

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
    """The lines."""


@dataclass(frozen=True, slots=True)
class UsageDoc(_Page):
    """Where a type is taken: a method, and the parameters of it."""

    method: str
    """The method, such as `Workspace.query`."""
    params: tuple[str, ...]
    """Its parameters that take the type."""


@dataclass(frozen=True, slots=True)
class Hint(_Page):
    """A page elsewhere that says more."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class HelpEntry(_Shown):
    """A page of the help: everything that is known about one thing."""

    kind: HelpKind
    """What it is."""
    name: str
    qualname: str
    """Where it is found, such as `Workspace.query`."""
    summary: str
    """What it is, in a sentence."""
    doc: DocSections
    """Its docstring, by sections."""
    signature: SignatureDoc | None = None
    """How it is called."""
    bases: tuple[str, ...] = ()
    """Classes that it extends."""
    config: tuple[tuple[str, str], ...] = ()
    """Settings of the class."""
    construction: tuple[MemberDoc, ...] = ()
    """Class methods that make one."""
    fields: tuple[FieldDoc, ...] = ()
    """Its fields."""
    properties: tuple[MemberDoc, ...] = ()
    """What it computes without being called."""
    methods: tuple[MemberDoc, ...] = ()
    """What it can do."""
    values: tuple[str, ...] = ()
    """Words that it may be."""
    value: str | None = None
    """What a constant or an alias stands for."""
    groups: tuple[Group, ...] = ()
    """Lists of what belongs to it."""
    referenced_types: tuple[tuple[str, str], ...] = ()
    """Types that it names, each with a sentence."""
    used_by: tuple[UsageDoc, ...] = ()
    """Methods that take it."""
    domain: str | None = None
    """Subject that a method of the workspace belongs to."""
    see_also: tuple[str, ...] = ()
    """Pages beside this one."""
    hints: tuple[Hint, ...] = ()
    """Pages elsewhere that say more."""


@dataclass(frozen=True, slots=True)
class SearchHit(_Page):
    """Something that a search found, and what of it matched."""

    category: MemberKind
    """What it is."""
    name: str
    summary: str
    """What it is, in a sentence."""
    matched_on: MatchedOn
    """What of it holds the term."""


@dataclass(frozen=True, slots=True)
class SearchResult(_Shown):
    """What a search found, best first; `suggestions` are names near the term."""

    term: str
    """What was searched for."""
    hits: tuple[SearchHit, ...] = ()
    """What was found, best first."""
    suggestions: tuple[str, ...] = ()
    """Names that are near the term."""
