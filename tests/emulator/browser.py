"""A person who signs in to the emulator, as a program: it opens the page and follows it back.

Enters: the address of the sign-in page, the emulator's token. Leaves: the address it ends on. The
surprise: the page is the emulator's own form, filled in and sent as a browser would.
"""

from __future__ import annotations

import re
import tempfile
import threading
import webbrowser
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock

import mpnb

FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def filled_in(url: str, **answers: str) -> httpx.Response:
    """The answer to the form of a sign-in page; redirects are not followed."""
    page = httpx.get(url)
    assert page.status_code == 200, page.text
    first = page.text.partition("</form>")[0]
    fields = {name: unescape(value) for name, value in FIELD.findall(first)}
    return httpx.post(url.partition("?")[0], data={**fields, **answers})


class Person:
    """For `webbrowser.register`: somebody who knows the token."""

    def __init__(self, **answers: str) -> None:
        self._answers = answers

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        threading.Thread(target=self._visit, args=(url,), daemon=True).start()
        return True

    def _visit(self, url: str) -> None:
        httpx.get(filled_in(url, **self._answers).headers["location"])


def person(**answers: str) -> None:
    """Let a program be the browser."""
    made: Any = Person(**answers)
    webbrowser.register("pretend", None, made, preferred=True)


def ports() -> FileLock:
    """The ports that a browser is sent back to are the same for all: one test at a time."""
    return FileLock(Path(tempfile.gettempdir(), "mpnb-tests-ports.lock"))


def signing_in(name: str, token: str) -> mpnb.AccountSummary:
    """An account whose person signed in with a browser on this machine."""
    person(token=token)
    with ports():
        return mpnb.accounts.login_unified(name=name)
