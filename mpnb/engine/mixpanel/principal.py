"""Who asks, as far as it decides what they may see.

Enters: a scope. Leaves: a list that is hashed with a salt before it goes anywhere. The surprise:
the credential is part of it where it does not change by itself, because two people may share an
account's name, and somebody with a wrong secret must not be answered from what is kept.
"""

from __future__ import annotations

from typing import Any


def principal(scope: Any) -> list[str]:
    """The parts that tell one asker from another.

    A token that renews itself would be another asker every hour, so an account that signed in with
    the browser counts by its name and by the sign-in.
    """
    account = getattr(scope, "account", None)
    kind, name = str(getattr(account, "type", "")), str(getattr(account, "name", ""))
    sent = [f"{name}: {value}" for name, value in sorted(dict(scope.headers).items())]
    if kind == "oauth_browser":
        signed_in = getattr(getattr(scope, "resolver", None), "signed_in", None)
        return [kind, name, signed_in(name) if signed_in else "", scope.region, *sent]
    return [kind, str(scope.auth_header()), scope.region, *sent]
