"""The way out: requests to Mixpanel that no method of mpnb makes.

Enters: a method and a path or address. Leaves: the JSON of the answer. The surprise: an address
must be one of the account's own servers, because credentials are sent along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from mpnb.engine.mixpanel.engine import MixpanelEngine
from mpnb.engine.mixpanel.regions import ANONYMOUS, Family, base_url
from mpnb.engine.mixpanel.transport import Call
from mpnb.errors import ParamValidationError

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Api:
    """Requests of your own, with the workspace's credentials, retries and errors."""

    def __init__(self, engine: MixpanelEngine) -> None:
        self._engine = engine

    @property
    def project_id(self) -> str:
        """The project that is asked, for addresses."""
        return self._engine.scope.project_id

    @property
    def workspace_id(self) -> int | None:
        """The pinned data view, for addresses."""
        return self._engine.scope.workspace_id

    @property
    def region(self) -> str:
        """Where the project's data are kept: us, eu or in."""
        return self._engine.scope.region

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json_body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Send a request to an address of Mixpanel and return the JSON of its answer.

        Args:
            method: ``GET``, ``POST`` and so on; all but reading ones are never repeated blindly.
            url: a whole address on one of the servers of the account's region.
            params: the query.
            json_body: the body.
            headers: headers of this request alone.
            timeout: seconds the answer may take.

        Raises:
            ParamValidationError: the address is on another server.
            MixpanelHeadlessError: the request failed; see the error tree.
        """
        family, path = self._place(url)
        call = Call(
            method.upper(),
            family,
            path,
            params or {},
            json_body,
            repeatable=method.upper() in READING,
            headers=headers or {},
            timeout_s=timeout,
        )
        return self._engine.transport.send(call)

    def app_request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json_body: Any = None,
        form_body: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Send a request to the app API and return what is inside of its answer.

        Args:
            method: ``GET``, ``POST`` and so on.
            path: what stands after ``/api/app``, for example ``/projects/12345/annotations``.
            params: the query.
            json_body: the body as JSON; or
            form_body: the body as a form, not both.
            timeout: seconds the answer may take.

        Returns:
            ``results`` of the answer, or the whole answer where it has none.

        Raises:
            ParamValidationError: both bodies are given (``AC1_BODY_MUTUALLY_EXCLUSIVE``).
            MixpanelHeadlessError: the request failed; see the error tree.
        """
        if json_body is not None and form_body is not None:
            raise ParamValidationError(
                "A request has one body: give json_body or form_body.",
                "AC1_BODY_MUTUALLY_EXCLUSIVE",
            )
        form = form_body is not None
        body = dict(form_body) if form_body is not None else json_body
        repeatable = method.upper() in READING
        call = Call(
            method.upper(),
            "app",
            "/" + path.lstrip("/"),
            params or {},
            body,
            repeatable=repeatable,
            form=form,
            timeout_s=timeout,
        )
        answer = self._engine.transport.send(call)
        return answer["results"] if isinstance(answer, dict) and "results" in answer else answer

    def _place(self, url: str) -> tuple[Family, str]:
        """The family of an address, the one that says most of it, and the path behind."""
        region = self._engine.scope.region
        families: list[Family] = [name for name in get_args(Family) if name not in ANONYMOUS]
        named: list[tuple[str, Family]] = [(base_url(f, region), f) for f in families]
        bases = sorted(named, key=lambda base: -len(base[0]))
        for base, family in bases:
            if url == base or url.startswith((base + "/", base + "?")):
                return family, url[len(base) :]
        shown: tuple[Family, ...] = ("web", "export", "ingestion")
        servers = ", ".join(sorted({base_url(f, region) for f in shown}))
        raise ParamValidationError(
            f"{url!r} is on none of the servers of region {region}, and credentials are sent to "
            f"no other: {servers}."
        )
