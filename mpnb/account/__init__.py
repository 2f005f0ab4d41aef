"""Who asks: accounts, where they are kept, and how one is chosen.

Enters: the configuration in ``~/.mp``, the environment, a bridge file, names. Leaves: an account
with its credential, and the project and data view to ask. The surprise: nothing here makes a
request unless somebody logs in, a token has run out, or `/me` is asked for.
"""

from mpnb.account.models import (
    Account,
    AccountName,
    AccountType,
    LocalAccount,
    OAuthBrowserAccount,
    OAuthTokenAccount,
    ProjectId,
    ProjectSecretAccount,
    Region,
    RemoteAccount,
    ServiceAccount,
    TargetName,
    TokenResolver,
    WorkspaceId,
)

__all__ = [
    "Account",
    "AccountName",
    "AccountType",
    "LocalAccount",
    "OAuthBrowserAccount",
    "OAuthTokenAccount",
    "ProjectId",
    "ProjectSecretAccount",
    "Region",
    "RemoteAccount",
    "ServiceAccount",
    "TargetName",
    "TokenResolver",
    "WorkspaceId",
]
