"""Pages of the help, made from live objects.

Enters what was asked for, leaves a `HelpEntry`. The surprise: nothing is written down here twice;
signatures, words and texts come from the code, so a page cannot be out of date.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from mpnb.errors import HelpDomainError, HelpLookupError
from mpnb.reference import domains, names
from mpnb.reference.docstring import read
from mpnb.reference.models import (
    DocSections,
    FieldDoc,
    Group,
    HelpEntry,
    MemberDoc,
    MemberKind,
    ParamDoc,
    SignatureDoc,
    UsageDoc,
)
from mpnb.reference.signature import annotation, callee, fields, mentioned, signature, values

LISTINGS: dict[str, tuple[str, tuple[MemberKind, ...]]] = {
    "types": ("Public types", ("dataclass", "model", "class", "enum", "literal", "alias")),
    "exceptions": ("Errors", ("exception",)),
    "words": ("Words that arguments may be", ("literal", "enum")),
    "functions": ("Functions", ("function",)),
    "modules": ("Modules", ("module",)),
}
"""Word → title of the listing, and what stands in it."""


def page(query: str | object) -> HelpEntry:
    """The page of a public name, a dotted path, a listing, or an object.

    Raises:
        HelpLookupError: there is no such thing.
    """
    if isinstance(query, str):
        word = query.strip()
        if not word:
            return overview()
        if word in LISTINGS:
            return _listing(word)
        if word == "domains":
            return _domains()
    try:
        thing = names.find(query)
    except HelpLookupError:
        found = _parameter(query) if isinstance(query, str) else None
        if found is None:
            raise
        return found
    return _PAGES.get(names.kind(thing), _callable)(thing)


def in_domain(entry: HelpEntry, domain: str) -> HelpEntry:
    """The page of the workspace with the members of one domain only.

    Raises:
        HelpDomainError: the page is another, or there is no such domain.
    """
    if entry.name != names.WORKSPACE and entry.kind != "overview":
        raise HelpDomainError(
            entry.qualname,
            domain=domain,
            domains=list(domains.all_of_them()),
            reason="not_workspace",
        )
    found = domains.named(domain, entry.qualname)
    things = domains.all_of_them()[found]
    return HelpEntry(
        kind="class",
        name=names.WORKSPACE,
        qualname=names.WORKSPACE,
        summary=f"The {found} of a workspace.",
        doc=DocSections(summary=f"The {found} of a workspace."),
        groups=(Group(found, tuple(map(line, things))),),
        domain=found,
    )


def line(thing: names.Thing) -> MemberDoc:
    """A line about something."""
    found = names.kind(thing)
    called = found in ("method", "function")
    return MemberDoc(
        name=thing.name,
        kind=found,
        summary=summary(thing),
        signature=signature(thing.name, thing.value) if called else None,
    )


def summary(thing: names.Thing) -> str:
    """What a thing is, in a sentence; of words and values, what they are."""
    found = names.kind(thing)
    if found in ("literal", "alias", "constant"):
        return _short_value(thing)
    return read(_doc(thing)).summary


def _doc(thing: names.Thing) -> str | None:
    """The docstring that was written for the thing, not one that its class has from elsewhere."""
    if isinstance(thing.value, type) and "__doc__" in vars(thing.value):
        own = thing.value.__doc__ or ""
        # A dataclass without a docstring is given its signature for one.
        return None if own.startswith(f"{thing.value.__name__}(") else own
    return inspect.getdoc(callee(thing.value))


def _short_value(thing: names.Thing) -> str:
    words = values(thing)
    if words:
        return " | ".join(words)
    return annotation(thing.value) or "" if names.kind(thing) == "alias" else repr(thing.value)


def overview() -> HelpEntry:
    """The first page: what there is, and how to ask for more."""
    groups = [
        Group(title, tuple(line(thing) for thing in _public(kinds)))
        for title, kinds in LISTINGS.values()
        if kinds in (("function",), ("module",))
    ]
    groups.append(Group("Workspace, by domain", tuple(_domain_lines())))
    text = "Ask for a name (Workspace.query, Filter, MathType), a list (types, exceptions, words, "
    text += "functions, modules, domains), or search for a word: help('search cohort')."
    return HelpEntry(
        kind="overview",
        name="mpnb",
        qualname="mpnb",
        summary="Product analytics in Jupyter, over Mixpanel or over a local event store.",
        doc=DocSections(body=text),
        groups=tuple(groups),
        see_also=(*LISTINGS, "domains"),
    )


def _domain_lines() -> Iterable[MemberDoc]:
    for domain, things in domains.all_of_them().items():
        yield MemberDoc(domain, "class", ", ".join(thing.name for thing in things))


def _domains() -> HelpEntry:
    about = "The parts of a workspace by subject; help('Workspace', domain=…) shows one."
    groups = (Group("Domains", tuple(_domain_lines())),)
    return HelpEntry("listing", "domains", "domains", about, DocSections(about), groups=groups)


def _public(kinds: Iterable[MemberKind]) -> Iterable[names.Thing]:
    return (thing for thing in names.public().values() if names.kind(thing) in kinds)


def _listing(word: str) -> HelpEntry:
    title, kinds = LISTINGS[word]
    groups = [
        Group(kind, tuple(line(thing) for thing in _public((kind,))))
        for kind in kinds
        if any(True for _ in _public((kind,)))
    ]
    return HelpEntry("listing", word, word, title, DocSections(title), groups=tuple(groups))


def _parameter(query: str) -> HelpEntry | None:
    """The page of a parameter: a path that goes one word further than a function."""
    path, _, word = query.strip().rpartition(".")
    try:
        thing = names.find(path) if path else None
    except HelpLookupError:
        return None
    found = signature(path, thing.value) if thing else None
    for param in found.params if found else ():
        if param.name.lstrip("*") == word:
            one = SignatureDoc(word, (param,))
            shown = param.description or f"A parameter of {path}."
            return HelpEntry(
                kind="parameter",
                name=word,
                qualname=f"{path}.{word}",
                summary=shown,
                doc=DocSections(shown),
                signature=one,
                values=param.values,
                referenced_types=_types([param.annotation]),
                see_also=(path,),
            )
    return None


def _types(written: Iterable[str | None], but: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((thing.name, summary(thing)) for thing in mentioned(written) if thing.name != but)


def _class(thing: names.Thing) -> HelpEntry:
    kind = names.kind(thing)
    doc = read(_doc(thing))
    own = fields(thing)
    known = {field.name for field in own}
    made: list[MemberDoc] = []
    methods: list[MemberDoc] = []
    properties: list[MemberDoc] = []
    for member, sort in names.callables(thing):
        if member.name in known:
            continue
        into = methods if sort == "method" else properties
        into = made if _makes(member, thing) else into
        into.append(line(member))
    groups: tuple[Group, ...] = ()
    if thing.name == names.WORKSPACE:
        groups = tuple(
            Group(domain, tuple(map(line, things)))
            for domain, things in domains.all_of_them().items()
        )
        methods, properties = [], []
    return HelpEntry(
        kind=kind,
        name=thing.name,
        qualname=thing.path,
        summary=doc.summary,
        doc=doc,
        signature=_constructor(thing),
        bases=tuple(base.__name__ for base in thing.value.__bases__ if _is_shown(base)),
        config=_config(thing.value),
        construction=tuple(made),
        fields=own,
        properties=tuple(properties),
        methods=tuple(methods),
        values=values(thing),
        groups=groups,
        referenced_types=_types(_written(own), but=thing.name),
        used_by=_usage().get(thing.name, ()),
    )


def _constructor(thing: names.Thing) -> SignatureDoc | None:
    """How a class is called, where people call it: with fields that have names for them."""
    if names.kind(thing) not in ("dataclass", "class"):
        return None
    found = signature(thing.name, thing.value)
    if found is None or any(_is_private(param) and not param.default for param in found.params):
        return None
    return SignatureDoc(found.name, tuple(p for p in found.params if not _is_private(p)))


def _is_private(param: ParamDoc) -> bool:
    return param.name.lstrip("*").startswith("_")


def _is_shown(base: type) -> bool:
    return base is not object and not base.__name__.startswith("_")


def _makes(member: names.Thing, thing: names.Thing) -> bool:
    """Whether the member is another way to make one: a class method that returns its class."""
    if not isinstance(member.value, classmethod):
        return False
    found = signature(member.name, member.value)
    return found is not None and found.returns in (thing.name, "Self")


def _config(cls: Any) -> tuple[tuple[str, str], ...]:
    found = dict(getattr(cls, "model_config", None) or {})
    params = getattr(cls, "__dataclass_params__", None)
    if params is not None and params.frozen:
        found["frozen"] = True
    return tuple(sorted((name, repr(value)) for name, value in found.items()))


def _written(own: Iterable[FieldDoc]) -> Iterable[str | None]:
    return (field.annotation for field in own)


@lru_cache(maxsize=1)
def _usage() -> dict[str, tuple[UsageDoc, ...]]:
    """Type → the methods of the workspace that take it, and as what."""
    found: dict[str, list[UsageDoc]] = {}
    for member, sort in names.callables(names.public()[names.WORKSPACE]):
        called = signature(member.name, member.value) if sort == "method" else None
        by_type: dict[str, list[str]] = {}
        for param in called.params if called else ():
            for thing in mentioned([param.annotation]):
                by_type.setdefault(thing.name, []).append(param.name)
        for name, params in by_type.items():
            found.setdefault(name, []).append(UsageDoc(member.path, tuple(params)))
    return {name: tuple(usage) for name, usage in found.items()}


def _callable(thing: names.Thing) -> HelpEntry:
    doc = read(_doc(thing))
    found = signature(thing.name, thing.value)
    written = [*(param.annotation for param in found.params), found.returns] if found else []
    own = thing.holder is names.public()[names.WORKSPACE].value
    return HelpEntry(
        kind=names.kind(thing),
        name=thing.name,
        qualname=thing.path,
        summary=doc.summary,
        doc=doc,
        signature=found,
        referenced_types=_types(written),
        domain=domains.of_method(thing.name) if own else None,
    )


def _module(thing: names.Thing) -> HelpEntry:
    doc = read(thing.value.__doc__)
    functions = tuple(line(member) for member, _ in names.callables(thing))
    return HelpEntry("module", thing.name, thing.path, doc.summary, doc, methods=functions)


def _value(thing: names.Thing) -> HelpEntry:
    kind, shown = names.kind(thing), _short_value(thing)
    what = {"literal": "One of these words.", "alias": "A name for other types."}
    about = what.get(kind, "A value.")
    return HelpEntry(
        kind=kind,
        name=thing.name,
        qualname=thing.path,
        summary=about,
        doc=DocSections(about),
        values=values(thing),
        value=None if kind == "literal" else shown,
        referenced_types=_types([shown], but=thing.name) if kind == "alias" else (),
        used_by=_usage().get(thing.name, ()),
    )


_PAGES: dict[str, Callable[[names.Thing], HelpEntry]] = {
    **dict.fromkeys(("class", "dataclass", "model", "enum", "exception"), _class),
    **dict.fromkeys(("literal", "alias", "constant"), _value),
    "module": _module,
}
