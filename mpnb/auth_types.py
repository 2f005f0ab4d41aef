"""The types of accounts, sessions, tokens and bridge files in one place.

Enters: nothing. Leaves: names that are defined elsewhere. The surprise: none of them is needed to
use mpnb; they are for programs that build on it.
"""

from mpnb.account import (
    Account,
    AccountName,
    AccountType,
    LocalAccount,
    OAuthBrowserAccount,
    OAuthTokenAccount,
    ProjectId,
    ProjectSecretAccount,
    Region,
    ServiceAccount,
    TargetName,
    TokenResolver,
    WorkspaceId,
)
from mpnb.account.bridge import BridgeFile, load_bridge
from mpnb.account.config import ActiveSession
from mpnb.account.me import (
    MeOrgInfo,
    MeProjectInfo,
    MeResponse,
    MeUserInfo,
    MeWorkspaceInfo,
)
from mpnb.account.tokens import OAuthClientInfo, OAuthTokens, OnDiskTokenResolver
from mpnb.session import Project, Session, WorkspaceRef

__all__ = [
    "Account",
    "AccountName",
    "AccountType",
    "ActiveSession",
    "BridgeFile",
    "LocalAccount",
    "MeOrgInfo",
    "MeProjectInfo",
    "MeResponse",
    "MeUserInfo",
    "MeWorkspaceInfo",
    "OAuthBrowserAccount",
    "OAuthClientInfo",
    "OAuthTokenAccount",
    "OAuthTokens",
    "OnDiskTokenResolver",
    "Project",
    "ProjectId",
    "ProjectSecretAccount",
    "Region",
    "ServiceAccount",
    "Session",
    "TargetName",
    "TokenResolver",
    "WorkspaceId",
    "WorkspaceRef",
    "load_bridge",
]
