"""Signing in with the browser, from the first click to the tokens on disk.

Enters: a region and how to reach the person. Leaves: tokens, and what ``/me`` says. The surprise:
where no browser can be opened (a remote notebook, a container), the address is shown and the
address of the page it ends on is pasted; nothing has to be set for that.
"""

from __future__ import annotations

import os
import secrets
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mpnb.account import callback, oauth
from mpnb.account.models import OAuthBrowserAccount, OAuthTokenAccount, Region
from mpnb.account.oauth import Pkce
from mpnb.account.tokens import OAuthTokens

Ask = Callable[[str], str]

REMOTE = ("JUPYTERHUB_USER", "SSH_CONNECTION", "CODESPACES", "BINDER_SERVICE_HOST", "COLAB_GPU")
"""Variables that say that the browser is on another machine."""


@dataclass(frozen=True)
class SignedIn:
    """What signing in gave."""

    tokens: OAuthTokens
    client_path: Path


class InHand:
    """A resolver for tokens that are not on disk yet."""

    def __init__(self, tokens: OAuthTokens) -> None:
        self._tokens = tokens

    def get_browser_token(self, name: str, region: Region) -> str:
        """The token of this sign-in."""
        return self._tokens.access_token.get_secret_value()

    def get_static_token(self, account: OAuthTokenAccount) -> str:
        """The token that an account holds or names."""
        return account.read_token()


def sign_in(
    account: OAuthBrowserAccount, *, open_browser: bool = True, ask: Ask | None = None
) -> SignedIn:
    """Take a person through Mixpanel's sign-in page.

    Args:
        account: who it will be; only its region is used.
        open_browser: open the page; else it is shown, and the address it ends on can be pasted.
        ask: reads what is pasted; by default from the terminal or the notebook.

    Raises:
        OAuthError: a leg of it failed; its code says which.
    """
    with callback.Callback() as waiting:
        client, path = oauth.client_for(account.region, waiting.port)
        pkce, state = Pkce.new(), secrets.token_urlsafe(32)
        url = oauth.authorize_url(account.region, client, pkce, state)
        opened = open_browser and not _far_away() and _open(url)
        answer = callback.wait_for_answer(waiting, None if opened else _invite(url, ask))
    code = callback.code_of(answer, state)
    return SignedIn(oauth.exchange(account.region, client, code, pkce), path)


def _far_away() -> bool:
    return any(os.environ.get(name) for name in REMOTE)


def _open(url: str) -> bool:
    try:
        opened = webbrowser.open(url)
    except webbrowser.Error:
        opened = False
    if opened:
        print(
            f"Sign in on the page that opened. If none did, open it yourself:\n{url}\n"
            "If the browser runs on another machine, stop this and use open_browser=False.",
            file=sys.stderr,
        )
    return opened


def _invite(url: str, ask: Ask | None) -> Ask:
    print(
        "Open this page in a browser and sign in:\n\n"
        f"{url}\n\n"
        "It ends on an address that begins with http://localhost. If that page does not open, "
        "copy its address.",
        file=sys.stderr,
        flush=True,
    )
    return ask or input
