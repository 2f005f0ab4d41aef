"""The error of a JQL script: Mixpanel's text enters, its parts leave.

The surprise: Mixpanel answers with the words of its JavaScript engine, a snippet with a caret and a
stack in one text; what cannot be told apart stands whole in `raw_error`.
"""

from __future__ import annotations

import re

from mpnb.errors.api import QueryError

_THROWN = re.compile(r"(?:.*Uncaught exception )?(\w*(?:Error|Exception)): (.*)")
"""The error in a line; Mixpanel puts words of its own before the script's error."""
_STACK = "Stack trace:"


class JQLSyntaxError(QueryError):
    """A JQL script could not be run: its syntax, or an exception in it (status 412).

    Attributes:
        error_type: name of the JavaScript error.
        error_message: what it says.
        line_info: the lines around it with a caret, when Mixpanel told them.
        stack_trace: the JavaScript stack, when Mixpanel told it.
        script: the script that was sent.
        raw_error: all that Mixpanel said.
    """

    default_code = "JQL_SYNTAX_ERROR"

    def __init__(
        self, raw_error: str, script: str | None = None, request_path: str | None = None
    ) -> None:
        before, _, stack = raw_error.partition(_STACK)
        found = [match for line in before.splitlines() if (match := _THROWN.match(line))]
        thrown = found[0] if found else None
        self.error_type = thrown[1] if thrown else "UnknownError"
        self.error_message = thrown[2].strip() if thrown else before.strip()
        self.line_info = _snippet(before, thrown[0]) if thrown else None
        self.stack_trace = stack.strip() or None
        self.script = script
        self.raw_error = raw_error
        super().__init__(
            f"The JQL script failed: {self.error_type}: {self.error_message}",
            status_code=412,
            response_body=raw_error,
            request_method="POST",
            request_url=request_path,
            request_body=None if script is None else {"script": script},
        )


def _snippet(text: str, line: str) -> str | None:
    """What follows the line of the error, when it points somewhere."""
    after = text.partition(line)[2].strip("\n")
    return after if "^" in after else None
