"""The root of all errors, findings of validation, and errors about values.

Enter messages and facts, leave exceptions with a code. The surprise: `ValidationError` is a record,
no exception; exceptions that collect findings carry many of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal


@dataclass(frozen=True)
class ValidationError:
    """One finding: what is wrong, where, and what would be right.

    `path` names the argument (`"last"`, `"events[1].math"`); `suggestion` holds the nearest legal
    values; `fix` may hold a machine-readable change.
    """

    path: str
    """The argument, such as `last` or `events[1].math`."""
    message: str
    """What is wrong and what to do."""
    code: str = "VALIDATION_ERROR"
    """A word for programs."""
    severity: Literal["error", "warning"] = "error"
    """A warning is told and does not refuse."""
    suggestion: tuple[str, ...] | None = None
    """Nearest legal values."""
    fix: Mapping[str, Any] | None = None
    """A change that programs can make."""

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as a JSON object; empty parts are left out."""
        found: dict[str, Any] = {
            "path": self.path,
            "message": self.message,
            "code": self.code,
            "severity": self.severity,
        }
        if self.suggestion is not None:
            found["suggestion"] = list(self.suggestion)
        if self.fix is not None:
            found["fix"] = dict(self.fix)
        return found

    def __str__(self) -> str:
        text = (
            f"[{self.code}] {self.path}: {self.message}"
            if self.path
            else (f"[{self.code}] {self.message}")
        )
        if self.suggestion:
            text += f" Did you mean {' or '.join(repr(s) for s in self.suggestion)}?"
        return text


class MixpanelHeadlessError(Exception):
    """Root of all errors that mpnb raises on purpose."""

    default_code: ClassVar[str] = "UNKNOWN_ERROR"

    def __init__(
        self, message: str, code: str = "UNKNOWN_ERROR", details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self._message = message
        # Classes with a code of their own need not repeat it in a constructor.
        self._code = self.default_code if code == "UNKNOWN_ERROR" else code
        self._details = {} if details is None else details

    @property
    def code(self) -> str:
        """Stable, machine-readable name of the error."""
        return self._code

    @property
    def message(self) -> str:
        """What went wrong and what to do."""
        return self._message

    @property
    def details(self) -> dict[str, Any]:
        """JSON-ready facts about the error."""
        return self._details

    def to_dict(self) -> dict[str, Any]:
        """Return code, message and details as a JSON object."""
        return {"code": self.code, "message": self.message, "details": self.details}


class BookmarkValidationError(MixpanelHeadlessError):
    """A question or a params object breaks rules; `errors` has every finding at once."""

    default_code = "BOOKMARK_VALIDATION_ERROR"

    def __init__(self, errors: Sequence[ValidationError]) -> None:
        self._errors = tuple(errors)
        details = {
            "error_count": self.error_count,
            "warning_count": self.warning_count,
            "errors": [finding.to_dict() for finding in self._errors],
        }
        super().__init__(self._summary(), details=details)

    def _summary(self) -> str:
        count = len(self._errors)
        head = f"{count} problem{'' if count == 1 else 's'} in the question:"
        return "\n".join([head, *(f"  {finding}" for finding in self._errors)])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._errors,)

    @property
    def errors(self) -> tuple[ValidationError, ...]:
        """All findings, errors and warnings."""
        return self._errors

    @property
    def error_count(self) -> int:
        """Number of findings of severity error."""
        return sum(finding.severity == "error" for finding in self._errors)

    @property
    def warning_count(self) -> int:
        """Number of findings of severity warning."""
        return sum(finding.severity == "warning" for finding in self._errors)


class ParamValidationError(MixpanelHeadlessError, ValueError):
    """One value is not allowed."""

    default_code = "VALIDATION_ERROR"

    def __init__(
        self, message: str, code: str = "VALIDATION_ERROR", details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, code, details)


class ParamTypeError(MixpanelHeadlessError, TypeError):
    """One value has a type that is not allowed."""

    default_code = "VALIDATION_ERROR"

    def __init__(
        self, message: str, code: str = "VALIDATION_ERROR", details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, code, details)


class NotSupportedError(MixpanelHeadlessError):
    """The question is understood, but this engine or form cannot do it; the message says why."""

    default_code = "NOT_SUPPORTED"


class ResponseValidationError(MixpanelHeadlessError):
    """An answer or a stored object does not have the expected shape."""

    default_code = "RESPONSE_VALIDATION_ERROR"

    def __init__(
        self,
        message: str,
        code: str = "RESPONSE_VALIDATION_ERROR",
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code, details)


class EventNotFoundError(MixpanelHeadlessError):
    """The project has no such event; `similar_events` has the nearest names."""

    default_code = "EVENT_NOT_FOUND"

    def __init__(self, event_name: str, similar_events: list[str] | None = None) -> None:
        self._event_name = event_name
        self._similar_events = similar_events or []
        hint = ", ".join(repr(name) for name in self._similar_events)
        super().__init__(
            f"There is no event {event_name!r}." + (f" Did you mean {hint}?" if hint else ""),
            details={"event_name": event_name, "similar_events": self._similar_events},
        )

    @property
    def event_name(self) -> str:
        """The name that was asked for."""
        return self._event_name

    @property
    def similar_events(self) -> list[str]:
        """Names that look alike, best first."""
        return self._similar_events


class DateRangeTooLargeError(MixpanelHeadlessError):
    """The range has more days than the endpoint takes."""

    default_code = "DATE_RANGE_TOO_LARGE"

    def __init__(
        self, from_date: str, to_date: str, days_requested: int, max_days: int = 100
    ) -> None:
        self._range = (from_date, to_date)
        self._days = (days_requested, max_days)
        super().__init__(
            f"{from_date} to {to_date} is {days_requested} days; at most {max_days} are possible. "
            "Ask for shorter ranges one after the other.",
            details={
                "from_date": from_date,
                "to_date": to_date,
                "days_requested": days_requested,
                "max_days": max_days,
            },
        )

    @property
    def from_date(self) -> str:
        """First day asked for."""
        return self._range[0]

    @property
    def to_date(self) -> str:
        """Last day asked for."""
        return self._range[1]

    @property
    def days_requested(self) -> int:
        """Number of days asked for."""
        return self._days[0]

    @property
    def max_days(self) -> int:
        """Number of days that is possible."""
        return self._days[1]


class QuerySyntaxError(MixpanelHeadlessError, ValueError):
    """Cell text cannot be read.

    `line` and `column` count from 1, `length` is the number of characters in question (at least
    1), `hint` says what would have worked (may be empty).
    """

    default_code = "QUERY_SYNTAX"

    def __init__(
        self,
        message: str,
        *,
        line: int = 1,
        column: int = 1,
        length: int = 1,
        hint: str = "",
        code: str | None = None,
    ) -> None:
        self.reason, self.hint = message, hint
        self.line, self.column, self.length = line, column, max(length, 1)
        text = f"Line {line}, column {column}: {message}" + (f" {hint}" if hint else "")
        details = {"line": line, "column": column, "length": self.length, "hint": hint}
        super().__init__(text, code or self.default_code, details)

    def __reduce__(self) -> tuple[Any, ...]:
        return _syntax_error, (
            self.reason,
            self.line,
            self.column,
            self.length,
            self.hint,
            self.code,
        )


def _syntax_error(
    message: str, line: int, column: int, length: int, hint: str, code: str
) -> QuerySyntaxError:
    return QuerySyntaxError(message, line=line, column=column, length=length, hint=hint, code=code)
