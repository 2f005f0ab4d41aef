"""Signatures, fields and values as they are written.

Enter live objects, leave parts of pages. The surprise: annotations are shown as text, as the code
writes them; nothing is evaluated, so what needs a heavy library is never loaded for it.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, cast, get_args

from mpnb.reference import attributes, names
from mpnb.reference.docstring import read
from mpnb.reference.fields import meaning as meaning_of_field
from mpnb.reference.glossary import meaning
from mpnb.reference.models import FieldDoc, ParamDoc, ParamKind, SignatureDoc

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LITERAL = re.compile(r"Literal\[([^\]]*)\]")
_STARS = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
_HIDDEN = ("self", "cls")


def callee(value: Any) -> Any:
    """The function behind a method of any sort, or a property's getter."""
    if isinstance(value, property):
        return value.fget
    return getattr(value, "__func__", getattr(value, "func", value))


def signature(name: str, value: Any) -> SignatureDoc | None:
    """How something is called; None for what is not, and for what C code does not tell."""
    function = callee(value)
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    told = dict(read(inspect.getdoc(function)).args)
    params = tuple(
        _param(param, told.get(param.name, ""))
        for param in found.parameters.values()
        if param.name not in _HIDDEN
    )
    return SignatureDoc(name, params, annotation(found.return_annotation))


def _param(param: inspect.Parameter, told: str) -> ParamDoc:
    stars = _STARS.get(param.kind.name, "")
    written = annotation(param.annotation)
    return ParamDoc(
        name=stars + param.name,
        annotation=written,
        default=None if param.default is param.empty else shown(param.default),
        description=told or meaning(param.name),
        values=values_of(written or ""),
        kind=cast(ParamKind, param.kind.name.lower()),
    )


def annotation(value: Any) -> str | None:
    """An annotation as it is written."""
    if value is inspect.Signature.empty:
        return None
    if isinstance(value, str):
        return value.strip("'\"")
    return value.__name__ if isinstance(value, type) and not get_args(value) else _short(str(value))


def _short(text: str) -> str:
    return re.sub(
        r"\b(?:typing|types|collections\.abc|mpnb(?:\.\w+)*|datetime|pathlib)\.", "", text
    )


def shown(value: Any) -> str:
    """A default as one would write it; what has no such form is an ellipsis."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    text = repr(value)
    return "…" if text.startswith("<") or len(text) > 60 else text


def values_of(written: str) -> tuple[str, ...]:
    """The words that an annotation allows: its own, or those of a public alias that it names."""
    own = [word.strip(" '\"") for text in _LITERAL.findall(written) for word in text.split(",")]
    for word in _WORD.findall(written):
        thing = names.public().get(word)
        if thing is not None:
            own += values(thing)
    return tuple(dict.fromkeys(own))


def values(thing: names.Thing) -> tuple[str, ...]:
    """The words of an alias or an enum."""
    found = names.kind(thing)
    if found == "literal":
        return tuple(str(value) for value in get_args(thing.value))
    if found == "enum":
        return tuple(str(member.value) for member in thing.value)
    return ()


def mentioned(texts: Iterable[str | None]) -> tuple[names.Thing, ...]:
    """The public types that annotations name, once each, in order."""
    words = dict.fromkeys(word for text in texts for word in _WORD.findall(text or ""))
    known = (names.public().get(word) for word in words)
    return tuple(thing for thing in known if thing is not None and names.kind(thing) != "function")


def fields(thing: names.Thing) -> tuple[FieldDoc, ...]:
    """The public fields of a model or a dataclass."""
    found = names.kind(thing)
    told = attributes.told(thing.value)
    if found == "model":
        return tuple(_model_fields(thing.value, told))
    if dataclasses.is_dataclass(thing.value):
        return tuple(_dataclass_fields(thing.value, told))
    return ()


def _model_fields(model: Any, told: dict[str, str]) -> Iterator[FieldDoc]:
    for name, field in model.model_fields.items():
        written = annotation(_declared(model, name) or field.annotation) or "Any"
        required = field.is_required()
        default = None if required else shown(field.get_default(call_default_factory=False))
        yield FieldDoc(
            name=name,
            annotation=written,
            default="…" if field.default_factory is not None else default,
            required=required,
            constraints=tuple(shown(item) for item in field.metadata if shown(item) != "…"),
            alias=field.alias if field.alias != name else None,
            values=values_of(written),
            description=field.description or told.get(name) or meaning_of_field(name),
        )


def _declared(cls: type, name: str) -> Any:
    return next(
        (
            vars(base)["__annotations__"][name]
            for base in cls.__mro__
            if name in vars(base).get("__annotations__", {})
        ),
        None,
    )


def _dataclass_fields(cls: Any, told: dict[str, str]) -> Iterator[FieldDoc]:
    for field in dataclasses.fields(cls):
        if field.name.startswith("_") or not field.init:
            continue
        written = annotation(field.type) or "Any"
        made = field.default_factory is not dataclasses.MISSING
        required = field.default is dataclasses.MISSING and not made
        default = None if required else ("…" if made else shown(field.default))
        yield FieldDoc(
            name=field.name,
            annotation=written,
            default=default,
            required=required,
            values=values_of(written),
            description=told.get(field.name) or meaning_of_field(field.name),
        )
