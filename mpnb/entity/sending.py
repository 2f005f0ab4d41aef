"""Sends a declared endpoint: arguments become a call, its answer becomes what the signature says.

Enters: an entity, a declaration, the arguments. Leaves: a model, a list, or None. The surprise:
an answer of status 200 may still be a refusal, and a list may be one page of many.
"""

from __future__ import annotations

import functools
import inspect
import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from mpnb.engine.mixpanel.engine import MixpanelEngine
from mpnb.engine.mixpanel.failures import refused
from mpnb.engine.mixpanel.transport import Call
from mpnb.entity.base import MODELS, PREFIXES, Endpoint, Entity, Lists, Scope
from mpnb.entity.confirm import confirmed
from mpnb.errors import (
    MixpanelHeadlessError,
    ParamTypeError,
    ParamValidationError,
    ResponseValidationError,
)

MOST_PAGES = 10_000


def send(entity: Entity, endpoint: Endpoint, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call an endpoint.

    Raises:
        NotSupportedError: the workspace is local.
        ParamTypeError: an argument is not of the type that the signature says.
        ResponseValidationError: the answer does not have the shape that the signature promises.
        MixpanelHeadlessError: the call failed; see `Transport.send`.
    """
    given = _given(endpoint, entity, args, kwargs)
    engine = entity._mixpanel(endpoint.name)
    if endpoint.changes:  # before anybody is asked, and before a data view is looked up
        engine.transport.permit(endpoint.name)
    if endpoint.destroys:
        confirmed(endpoint.doc, given)
    call = _call(engine, endpoint, given)
    returns = hints(endpoint)["return"]
    if returns is type(None):
        answer(engine, call)
        return None
    if returns is bytes:
        with engine.transport.stream(call) as stream:
            return b"".join(stream.chunks)
    return validated(_adapter(endpoint, "return"), _found(engine, endpoint, call), endpoint.name)


def _given(
    endpoint: Endpoint, entity: Entity, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The arguments by name, of the types that the signature says; objects become models."""
    try:
        bound = endpoint.signature.bind(entity, *args, **kwargs)
    except TypeError as problem:
        raise TypeError(f"{endpoint.name}(): {problem}") from None
    bound.apply_defaults()
    _, *named = bound.arguments.items()
    return {name: _typed(endpoint, name, value) for name, value in named}


def _typed(endpoint: Endpoint, name: str, value: Any) -> Any:
    if isinstance(value, bool) and hints(endpoint)[name] in (int, int | None):
        raise ParamTypeError(f"{endpoint.name}(): {name} is a whole number, not {value}.")
    try:
        return _adapter(endpoint, name).validate_python(value)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in (name, *first["loc"]))
        raise ParamTypeError(f"{endpoint.name}(): {where}: {first['msg']}") from None


def _found(engine: MixpanelEngine, endpoint: Endpoint, call: Call) -> Any:
    """What the answer holds, in the shape of the return annotation."""
    returns = hints(endpoint)["return"]
    if typing.get_origin(returns) is not list:
        body = answer(engine, call)
        found = _inside(body, endpoint.envelope)
        return body if isinstance(found, list) and _is_page(returns) else _only(found)
    if endpoint.method != "GET":
        return _rows(answer(engine, call), endpoint.envelope)
    # Chosen by an empty list nothing is left; sent, it would choose everything.
    chosen_by_nothing = any(value in ("", ()) for value in call.query.values())
    return [] if chosen_by_nothing else _all_pages(engine, call, endpoint.envelope)


def _is_page(returns: Any) -> bool:
    """Whether a model is a page itself: it has the envelope's own field."""
    return isinstance(returns, type) and "results" in getattr(returns, "model_fields", ())


def _only(found: Any) -> Any:
    """One row, also where it comes as a map of one row by its id."""
    if isinstance(found, dict) and len(found) == 1:
        [(key, row)] = found.items()
        return row if key.isdigit() and isinstance(row, dict) else found
    return found


def answer(engine: MixpanelEngine, call: Call) -> Any:
    """The body that a call is answered with.

    Raises:
        QueryError: the body says that the call was refused, whatever its status says.
    """
    if call.changes:
        call = replace(call, before=engine.seen.before(call.path))
    body = engine.transport.send(call)
    is_bare = isinstance(body, dict) and "results" not in body
    if is_bare and (body.get("error") or body.get("status") == "error"):
        raise refused(call, body)
    engine.seen.note(call.method, call.path, body)
    return body


def results(body: Any) -> Any:
    """What is inside the app API's envelope."""
    return body["results"] if isinstance(body, dict) and "results" in body else body


def validated(adapter: TypeAdapter[Any], found: Any, name: str) -> Any:
    """The answer as the model that the signature promises."""
    try:
        return adapter.validate_python(found)
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_input=False, include_context=False)
        model = problem.title
    # Not chained: the error below shows values of the answer, which may be secrets.
    where = ".".join(str(part) for part in errors[0]["loc"]) or "the answer"
    raise ResponseValidationError(
        f"Mixpanel answered {name.lstrip('_')} in an unexpected shape: {where}: {errors[0]['msg']} "
        f"({len(errors)} findings). The API may have changed.",
        details={"model": model, "errors": errors},
    )


def prefix(engine: MixpanelEngine, scope: Scope) -> str:
    """What paths of a scope start with; may look the data view up."""
    view = engine.view_id() if scope == "required" else engine.scope.workspace_id
    first, *rest = PREFIXES[scope]
    template = rest[0] if rest and not view else first
    return template.format(project_id=engine.scope.project_id, workspace_id=view)


@dataclass(frozen=True)
class _Parts:
    """Arguments by where they go."""

    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any] | None


def _call(engine: MixpanelEngine, endpoint: Endpoint, given: Mapping[str, Any]) -> Call:
    parts = _parts(endpoint, given)
    query = {**endpoint.query, **parts.query}
    if endpoint.scope == "query" and engine.scope.workspace_id:
        query["workspace_id"] = engine.scope.workspace_id
    call = Call(
        endpoint.method,
        "app",
        prefix(engine, endpoint.scope) + endpoint.path.format(**parts.path),
        query,
        parts.body,
        repeatable=not endpoint.changes,
    )
    return replace(call, form=endpoint.form, timeout_s=endpoint.timeout_s)


def _parts(endpoint: Endpoint, given: Mapping[str, Any]) -> _Parts:
    path: dict[str, str] = {}
    query: dict[str, Any] = {}
    body: dict[str, Any] = dict(endpoint.body)
    has_body = bool(body)
    for name, value in given.items():
        wire = endpoint.names.get(name, name)
        if name in endpoint.placeholders:
            path[name] = _segment(name, value)
        elif name == "confirm" or value is None:
            # Where all of a body may be left out, the server still wants an object.
            has_body = has_body or (name == "params" and endpoint.in_body)
        elif name == endpoint.whole and not endpoint.in_body:
            query.update(value)
        elif isinstance(value, BaseModel) or name == endpoint.whole:
            body, has_body = {**as_json(value), **body}, True
        elif _is_default(endpoint, name, value):
            continue
        elif endpoint.in_body:
            body[wire], has_body = as_json(value), True
        else:
            query[wire] = _listed(value, endpoint.lists)
    return _Parts(path, query, body if has_body else None)


def _segment(name: str, value: Any) -> str:
    """A value as one segment of a path: an empty one, or dots, would name another endpoint."""
    text = str(value)
    if text.strip(". ") == "":
        raise ParamValidationError(f"{name} must not be empty.", "EMPTY_PATH_ARGUMENT")
    return quote(text, safe="")


def _is_default(endpoint: Endpoint, name: str, value: Any) -> bool:
    default = endpoint.signature.parameters[name].default
    return default is not inspect.Parameter.empty and bool(value == default)


def _listed(value: Any, lists: Lists) -> Any:
    """A query parameter; a tuple is what the transport repeats."""
    if not isinstance(value, list | tuple):
        return value
    if lists == "comma":
        return ",".join(str(item) for item in value)
    return tuple(value) if lists == "repeat" else json.dumps(list(value))


def as_json(value: Any) -> Any:
    """Models, alone or in lists and objects, as the JSON that is sent."""
    if isinstance(value, BaseModel):
        to_body = getattr(value, "to_body", None)
        return (
            to_body()
            if to_body
            else value.model_dump(mode="json", by_alias=True, exclude_none=True)
        )
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list | tuple) else value


def _inside(body: Any, envelope: str | None) -> Any:
    found = results(body)
    return found.get(envelope, found) if envelope and isinstance(found, dict) else found


def _all_pages(engine: MixpanelEngine, call: Call, envelope: str | None) -> Any:
    """The rows of a list, page after page until the server names no next one."""
    body = answer(engine, call)
    rows = _rows(body, envelope)
    seen: set[str] = set()
    while cursor := _next(body):
        if cursor in seen or len(seen) == MOST_PAGES:
            raise MixpanelHeadlessError(
                f"Mixpanel keeps naming the same page of {call.path}; the list is not whole.",
                code="INVALID_RESPONSE",
            )
        seen.add(cursor)
        body = answer(engine, replace(call, query={**call.query, "cursor": cursor}))
        rows = [*rows, *_rows(body, envelope)]
    return rows


def _rows(body: Any, envelope: str | None) -> Any:
    found = results(_inside(body, envelope))  # some stand in an envelope within the envelope
    if isinstance(found, dict) and all(isinstance(row, dict) for row in found.values()):
        return [{"name": name, **row} for name, row in found.items()]  # a map of rows, by name
    return found


def _next(body: Any) -> str | None:
    """The cursor of the next page, in the envelope or in the one within."""
    while isinstance(body, dict):
        paging = body.get("pagination")
        if isinstance(paging, dict):
            return paging.get("next_cursor") or None
        body = body.get("results")
    return None


@functools.cache
def hints(endpoint: Endpoint) -> dict[str, Any]:
    """The annotations of a declaration, as types."""
    names: dict[str, Any] = {}
    for module in MODELS.get(endpoint.entity, ()):
        names.update(vars(import_module(module)))
    function = inspect.unwrap(endpoint.function)
    return typing.get_type_hints(function, {**names, **function.__globals__}, include_extras=True)


@functools.cache
def _adapter(endpoint: Endpoint, name: str) -> TypeAdapter[Any]:
    """What checks an argument, or reads the answer (``return``)."""
    return TypeAdapter(hints(endpoint)[name])
