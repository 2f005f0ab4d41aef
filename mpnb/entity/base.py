"""An endpoint is declared once, by the signature of the method that people call.

Enters: a class of `Entity` whose methods carry `get`, `post`, `put`, `patch` or `delete`. Leaves:
methods that send, and `ENDPOINTS`, the table that the command line, the emulator and the tests are
made from. The surprise: annotations stay text until the first call, so that a workspace can be had
without loading pydantic and a hundred models.

How arguments become a request:

* an argument named in the path template goes there, escaped;
* an argument annotated with a model is the body (by alias, without what is None);
* every other argument is a query parameter of `get` and `delete`, and a key of the body of `post`,
  `put` and `patch` (`into` says otherwise; `whole` names an object that is the body, or the query,
  as it stands); one that is None, or still its default, is not sent;
* `confirm` is never sent: it belongs to calls that destroy.

The return annotation is what the answer is read as: a model, a list of models, a plain type, or
None. A `get` that returns a list follows the cursors of the answer to the end.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, Unpack, cast

from mpnb.errors import NotSupportedError

if TYPE_CHECKING:  # brings httpx, which only a first request needs
    from mpnb.engine.mixpanel.engine import MixpanelEngine

F = TypeVar("F", bound=Callable[..., Any])
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Scope = Literal["view", "required", "project", "query", "none"]
Lists = Literal["comma", "repeat", "json"]

PREFIXES: dict[Scope, tuple[str, ...]] = {
    "view": ("/workspaces/{workspace_id}/", "/projects/{project_id}/"),
    "required": ("/projects/{project_id}/workspaces/{workspace_id}/",),
    "project": ("/projects/{project_id}/",),
    "query": ("/projects/{project_id}/",),
    "none": ("/",),
}
"""What a path is relative to: ``view`` is the pinned data view, or the project when none is pinned;
``required`` looks a data view up when none is pinned; ``query`` says the pinned data view as the
query parameter ``workspace_id``; ``none`` is for paths that are whole."""

SENDER = "mpnb.entity.sending:send"


class Options(TypedDict, total=False):
    """What a declaration may say beyond method and path; see `Endpoint`."""

    scope: Scope
    envelope: str | None
    names: Mapping[str, str]
    lists: Lists
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    into: Literal["query", "body"]
    whole: str
    form: bool
    destroys: bool
    reads: bool
    timeout_s: float | None


@dataclass(frozen=True, eq=False)
class Endpoint:
    """One declared endpoint."""

    name: str
    method: Method
    path: str
    function: Callable[..., Any]
    scope: Scope = "view"
    envelope: str | None = None
    """Key inside `results` that holds the answer."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Argument → its name on the wire, where they differ."""
    lists: Lists = "comma"
    """How a list in the query is written: joined by commas, repeated, or as JSON."""
    query: Mapping[str, Any] = field(default_factory=dict)
    """Query parameters that are always sent."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the body that are always sent."""
    into: Literal["query", "body"] | None = None
    """Where plain arguments go, if not where the method says."""
    whole: str = ""
    """The argument that is the body, or the query, as it stands."""
    form: bool = False
    """The body is a form instead of JSON."""
    destroys: bool = False
    """A person in a notebook is asked first; needs an argument `confirm: bool = False`."""
    reads: bool = False
    """A call that changes nothing although it is not a `get`."""
    timeout_s: float | None = None
    """How long the answer may take, where the family's limit does not fit."""

    def __post_init__(self) -> None:
        if self.destroys and "confirm" not in self.signature.parameters:
            raise TypeError(f"{self.name} destroys, so it needs an argument confirm: bool = False")

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        """The signature, with annotations as text."""
        return inspect.signature(self.function)

    @functools.cached_property
    def placeholders(self) -> frozenset[str]:
        """Names in the path template."""
        return frozenset(re.findall(r"\{(\w+)\}", self.path))

    @property
    def routes(self) -> tuple[str, ...]:
        """The paths that it may be asked at, with placeholders."""
        return tuple(prefix + self.path for prefix in PREFIXES[self.scope])

    @property
    def in_body(self) -> bool:
        """Whether plain arguments are keys of the body instead of query parameters."""
        return self.into == "body" if self.into else self.method not in ("GET", "DELETE")

    @property
    def changes(self) -> bool:
        """Whether the call changes something in the project."""
        return self.method != "GET" and not self.reads

    @property
    def doc(self) -> str:
        """What it does, in a line."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def entity(self) -> str:
        """The class that declares it."""
        return self.function.__qualname__.partition(".")[0]

    @property
    def returns(self) -> str:
        """What the answer is read as."""
        return str(self.function.__annotations__["return"])


ENDPOINTS: dict[str, Endpoint] = {}
"""Name of the method → its declaration. Names with an underscore are steps of other methods."""

ENTITIES: dict[str, type[Entity]] = {}
"""Name of the class → the class; its public methods are what the command line offers."""

MODELS: dict[str, tuple[str, ...]] = {}
"""Name of the class → the modules that its annotations are looked up in."""


class Entity:
    """Methods about one kind of thing in a project; `Workspace` mixes the classes in.

    A class says where its models are: ``class Alerts(Entity, models=("mpnb.entity.alert",))``.
    """

    def __init_subclass__(cls, models: tuple[str, ...] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if models is None:  # the workspace itself, or a class of a test
            return
        ENTITIES[cls.__name__], MODELS[cls.__name__] = cls, models
        for member in vars(cls).values():
            endpoint = getattr(member, "endpoint", None)
            if isinstance(endpoint, Endpoint):
                ENDPOINTS[endpoint.name] = endpoint

    @property
    def is_local(self) -> bool:
        """Whether the numbers come from a local store instead of Mixpanel."""
        raise NotImplementedError

    @property
    def engine(self) -> Any:
        """Who answers: Mixpanel, or the embedded engine over a local store."""
        raise NotImplementedError

    def _mixpanel(self, what: str) -> MixpanelEngine:
        """The engine that reaches Mixpanel.

        Raises:
            NotSupportedError: the workspace is local.
        """
        if self.is_local:
            raise NotSupportedError(
                f"{what} asks Mixpanel, and this workspace is over local data. It works with "
                "Workspace(session=…) or Workspace(account=…); saved reports work locally too."
            )
        return cast("MixpanelEngine", self.engine)

    def _permit(self, what: str) -> None:
        """Return when a change may be made that reads something first.

        Raises:
            MixpanelHeadlessError: the workspace only reads (code ``READ_ONLY``).
        """
        self._mixpanel(what).transport.permit(what)


def get(path: str, **options: Unpack[Options]) -> Callable[[F], F]:
    """Declare an endpoint that is read."""
    return functools.partial(_declare, "GET", path, options)


def post(path: str, **options: Unpack[Options]) -> Callable[[F], F]:
    """Declare an endpoint that makes something, or does something."""
    return functools.partial(_declare, "POST", path, options)


def put(path: str, **options: Unpack[Options]) -> Callable[[F], F]:
    """Declare an endpoint that replaces something."""
    return functools.partial(_declare, "PUT", path, options)


def patch(path: str, **options: Unpack[Options]) -> Callable[[F], F]:
    """Declare an endpoint that changes parts of something."""
    return functools.partial(_declare, "PATCH", path, options)


def delete(path: str, **options: Unpack[Options]) -> Callable[[F], F]:
    """Declare an endpoint that takes something away."""
    return functools.partial(_declare, "DELETE", path, options)


def _declare(method: Method, path: str, options: Options, function: F) -> F:
    endpoint = Endpoint(function.__name__, method, path, function, **options)

    @functools.wraps(function)
    def call(self: Entity, /, *args: Any, **kwargs: Any) -> Any:
        module, _, name = SENDER.partition(":")
        return getattr(import_module(module), name)(self, endpoint, args, kwargs)

    vars(call)["endpoint"] = endpoint
    return cast(F, call)
