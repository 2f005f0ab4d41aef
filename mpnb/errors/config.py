"""Errors of accounts, settings and login.

Enter names and reasons, leave exceptions that list what exists. The surprise: secrets never enter;
only names of accounts and projects do.
"""

from __future__ import annotations

from typing import Any, Literal

from mpnb.errors.base import MixpanelHeadlessError

InvalidArgumentViolation = Literal["mutually_exclusive", "no_browser_misuse", "secret_stdin_misuse"]


class ConfigError(MixpanelHeadlessError):
    """The stored configuration or the environment is unusable."""

    default_code = "CONFIG_ERROR"

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message, details=details)


class AccountNotFoundError(ConfigError):
    """No account has this name."""

    default_code = "ACCOUNT_NOT_FOUND"

    def __init__(self, account_name: str, available_accounts: list[str] | None = None) -> None:
        self._account_name = account_name
        self._available_accounts = available_accounts or []
        known = ", ".join(self._available_accounts) or "none"
        super().__init__(
            f"There is no account {account_name!r}. Known accounts: {known}.",
            {"account_name": account_name, "available_accounts": self._available_accounts},
        )

    @property
    def account_name(self) -> str:
        """The name that was asked for."""
        return self._account_name

    @property
    def available_accounts(self) -> list[str]:
        """Names of the accounts that exist."""
        return self._available_accounts


class AccountExistsError(ConfigError):
    """An account of this name exists already."""

    default_code = "ACCOUNT_EXISTS"

    def __init__(self, account_name: str) -> None:
        self._account_name = account_name
        super().__init__(
            f"An account {account_name!r} exists already. Choose another name or remove it first.",
            {"account_name": account_name},
        )

    @property
    def account_name(self) -> str:
        """The name that is taken."""
        return self._account_name


class AccountInUseError(ConfigError):
    """The account is named by targets and cannot be removed."""

    default_code = "ACCOUNT_IN_USE"

    def __init__(self, account_name: str, referenced_by: list[str] | None = None) -> None:
        self._account_name = account_name
        self._referenced_by = referenced_by or []
        users = ", ".join(self._referenced_by) or "other settings"
        super().__init__(
            f"The account {account_name!r} is used by {users}. Remove those first, or force it.",
            {"account_name": account_name, "referenced_by": self._referenced_by},
        )

    @property
    def account_name(self) -> str:
        """The account that was to be removed."""
        return self._account_name

    @property
    def referenced_by(self) -> list[str]:
        """Names of the targets that use it."""
        return self._referenced_by


class ProjectNotFoundError(ConfigError):
    """The account sees no project with this id."""

    default_code = "PROJECT_NOT_FOUND"

    def __init__(self, project_id: str, available_projects: list[str] | None = None) -> None:
        self._project_id = project_id
        self._available_projects = available_projects or []
        known = ", ".join(self._available_projects) or "none"
        super().__init__(
            f"There is no project {project_id!r} for this account. Projects: {known}.",
            {"project_id": project_id, "available_projects": self._available_projects},
        )

    @property
    def project_id(self) -> str:
        """The project that was asked for."""
        return self._project_id

    @property
    def available_projects(self) -> list[str]:
        """Ids of the projects that the account sees."""
        return self._available_projects


class InvalidArgumentError(ConfigError):
    """Arguments of an account command do not go together."""

    default_code = "INVALID_ARGUMENT"

    def __init__(
        self,
        message: str,
        *,
        violation: InvalidArgumentViolation,
        detected_auth_type: str | None = None,
    ) -> None:
        self._violation = violation
        self._detected_auth_type = detected_auth_type
        details: dict[str, Any] = {"violation": violation}
        if detected_auth_type is not None:
            details["detected_auth_type"] = detected_auth_type
        super().__init__(message, details)

    @property
    def violation(self) -> str:
        """Which rule was broken."""
        return self._violation

    @property
    def detected_auth_type(self) -> str | None:
        """Kind of account that the arguments pointed to."""
        return self._detected_auth_type


class OAuthError(MixpanelHeadlessError):
    """A browser login failed or its token is not usable."""

    default_code = "OAUTH_TOKEN_ERROR"

    def __init__(
        self, message: str, code: str = "OAUTH_TOKEN_ERROR", details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, code, details)


class RegionProbeError(OAuthError):
    """No region accepted the credentials; `attempts` are (region, status, text)."""

    default_code = "OAUTH_REGION_PROBE_FAILED"

    def __init__(
        self,
        message: str,
        *,
        attempts: list[tuple[str, int, str]],
        code: str = "OAUTH_REGION_PROBE_FAILED",
    ) -> None:
        super().__init__(message, code, {"attempts": [list(attempt) for attempt in attempts]})
        self._attempts = attempts

    @property
    def attempts(self) -> list[tuple[str, int, str]]:
        """One (region, HTTP status, text) for each region tried."""
        return self._attempts

    def to_dict(self) -> dict[str, Any]:
        """Return code, message, details and the attempts as a JSON object."""
        return super().to_dict() | {"attempts": [list(attempt) for attempt in self._attempts]}


class RegionProbeNetworkError(RegionProbeError):
    """No region could be reached at all."""

    default_code = "OAUTH_NETWORK_UNREACHABLE"

    def __init__(self, message: str, *, attempts: list[tuple[str, int, str]]) -> None:
        super().__init__(message, attempts=attempts, code=self.default_code)


class WorkspaceScopeError(MixpanelHeadlessError):
    """The project has no data view that fits, or more than one."""

    default_code = "NO_WORKSPACES"

    def __init__(
        self, message: str, code: str = "NO_WORKSPACES", details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, code, details)


class BusinessContextValidationError(MixpanelHeadlessError):
    """The business context text is too long."""

    default_code = "BUSINESS_CONTEXT_TOO_LONG"

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message, details=details)
