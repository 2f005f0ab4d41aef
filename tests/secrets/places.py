"""Where secrets could show up: planted ones, a server that repeats them, and how to look for them.

Enters: a text, or a folder. Leaves: the names of the planted secrets that stand in it. The surprise:
secrets hold characters that JSON, HTML and addresses write otherwise, and a core that none of them
changes, so a secret is found however it was spelled.
"""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from IPython.core.ultratb import VerboseTB

from tests.engine.mixpanel.server import Give, Got

USER = "user.mp-service-account"
SECRETS = {
    "service": 'Zservice7Q"<&+ ü/',
    "api": "Zapisecret7Q0f1e2d",
    "bearer": "Zbearer7Q.a-b_c~d+e/f==",
    "access": "Zaccess7Q.a-b_c",
    "refresh": 'Zrefresh7Q.a/b+c"',
    "header": "Zheader7Q with spaces & more",
    "signed": "Zsigned7Q/%2B",
    "address": "Zaddress7Q",
    "code": "Zcode7Q/+",
    "password": "Zpassword7Q<&",
    "serve": "Zserve7Q-token",
}
CORES = {name: secret.partition("7Q")[0] + "7Q" for name, secret in SECRETS.items()}
PAIRS = {
    "service (Basic)": base64.b64encode(f"{USER}:{SECRETS['service']}".encode()).decode(),
    "api (Basic)": base64.b64encode(f"{SECRETS['api']}:".encode()).decode(),
    "serve (Basic)": base64.b64encode(f"{USER}:{SECRETS['serve']}".encode()).decode(),
}
WHOLE = CORES | {name: pair.rstrip("=") for name, pair in PAIRS.items()}
PRIVATE = ("config.toml", "tokens.json", "bridge.json")
"""Files that hold secrets by design; they are their owner's only."""


def leaks(text: str | bytes) -> list[str]:
    """The names of the secrets in a text."""
    found = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return [name for name, core in WHOLE.items() if core in found]


def leaking_files(folder: Path) -> dict[str, list[str]]:
    """File → the secrets in it, but for the private files."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in PRIVATE]
    found = {str(path.relative_to(folder)): leaks(path.read_bytes()) for path in files}
    return {name: secrets for name, secrets in found.items() if secrets}


def told(problem: BaseException) -> dict[str, str]:
    """An exception in every form that a person may see; the verbose one has the locals."""
    chain = (type(problem), problem, problem.__traceback__)
    verbose = VerboseTB(theme_name="nocolor", long_header=True)
    details: dict[str, Any] = getattr(problem, "to_dict", dict)()
    return {
        "str": str(problem),
        "repr": repr(problem),
        "details": json.dumps(details, default=repr) + repr(details),
        "traceback": "".join(traceback.format_exception(*chain)),
        "locals": "".join(
            traceback.TracebackException(*chain, capture_locals=True).format(chain=True)
        ),
        "verbose": verbose.text(*chain),
    }


WAYS: tuple[Callable[[str], str], ...] = (
    str,
    quote,
    partial(quote, safe=""),
    quote_plus,
    html.escape,
    json.dumps,
    lambda text: json.dumps(text, ensure_ascii=False),
    repr,
)
"""How a server may spell what it was sent."""


def echo(status: int, kind: str, *sent: str) -> Callable[[Got], Give]:
    """Answers that repeat what was sent, and secrets by name, in a shape."""

    def answer(got: Got) -> Give:
        spelled = [way(SECRETS[name]) for name in sent for way in WAYS]
        said = " | ".join([*spelled, *got.headers.values(), got.path, got.body.decode("latin-1")])
        bodies = {
            "object": {
                "error": said,
                "nested": [{"what": said, said: 1}],
                "error_description": said,
            },
            "text": said.encode(),
            "page": f"<!doctype html><html><p>{html.escape(said)}</p>{said}</html>".encode(),
            "list": [said, {"token": said}],
        }
        headers = {
            "Location": f"https://u:{SECRETS['address']}@elsewhere.test/?sig={CORES['signed']}",
            "Set-Cookie": f"session={CORES['bearer']}",
            "X-Echo": got.headers.get("authorization", ""),
        }
        return Give(bodies[kind], status, headers)

    return answer


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger says meanwhile."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
