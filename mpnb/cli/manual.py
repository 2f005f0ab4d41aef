"""The page of the `mp` command, made from its tables: ``python -m mpnb.cli.manual > docs/cli.md``.

Enters: nothing. Leaves: `docs/cli.md`. The surprise: a test compares, so a command without its line
in the documentation cannot be.
"""

from __future__ import annotations

import sys

from mpnb.cli import COMMANDS, summary
from mpnb.cli.table import Command, Option, commands, groups

OPENING = """\
# The `mp` command

`mp COMMAND --help` says what a command takes; `mp GROUP` lists a group. `mp help NAME` shows the
page of a method, a type or an error of the library (`mp help Workspace.query`), `mp help search
WORD` searches them. The same program is also called `mpnb`.

## Who is asked

| option before the command | variable | meaning |
|---|---|---|
| `--account`, `-a` | `MP_ACCOUNT` | a configured account |
| `--project`, `-p` | `MP_PROJECT_ID` | id of a project |
| `--workspace`, `-w` | `MP_WORKSPACE_ID` | id of a data view |
| `--target`, `-t` | `MP_TARGET` | a saved target, instead of the three |
| `--demo` | | the data that comes with mpnb |
| `--local PATH` | | events in files, a folder or a store; may be repeated |
| `--quiet`, `-q` | | no remarks on standard error |
| `--verbose`, `-v` | | where a failure happened |

[Accounts](accounts.md) has the order in which these and the configuration count. `MP_READ_ONLY=1`
refuses whatever changes a project. `mp --show-completion` prints what your shell needs to complete
commands, `mp --install-completion` puts it where the shell looks.

```sh
mp --demo query text '"Sign Up" -> "Purchase"' 'within 7 days' -k funnel -f table
mp --local export.jsonl inspect top-events --format csv
mp query segmentation -e Purchase --from 2026-01-01 --to 2026-01-31 --jq '.total'
```

## What comes out

The answer goes to standard output, whole and without colours; remarks, progress and errors go to
standard error. `--format` (`-f`) is one of

| format | what it writes |
|---|---|
| `json` | indented JSON |
| `jsonl` | one item of a list per line |
| `table` | columns; a result gives the rows of its frame |
| `csv` | the same as CSV |
| `plain` | one name per line |

In a terminal a table has no empty columns, and its cells end after 60 characters.

`--jq FILTER` works with `json` and `jsonl`, and needs the package jq: `pip install 'mpnb[jq]'`.
An option that takes JSON takes it as text, as `@FILE`, or as `-` for standard input.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | it failed, or nothing is set up to ask with |
| 2 | the credentials are refused, or the line cannot be read |
| 3 | a value is not right |
| 4 | there is no such thing |
| 5 | too many requests |
| 130 | interrupted |

A command line says what it means: commands that delete do not ask, but for those that delete
everything, which ask unless `--yes` is given.

## Differences from the recorded program

- `account test` ends with 1 when the account is refused; 404 ends with 4, 401 and 403 with 2;
  an account that is not there ends with 4; what is wrong in a value ends with 3, whichever command
  it is given to.
- `session`, `project list` and `workspace list` follow `--account`, `--target` and the
  environment. Nothing is wrapped. `project show` and `workspace show` write a bare id, or nothing
  and a remark.
- CSV of a result has the rows of its frame, not its JSON in one cell; passwords of webhooks are
  not shown; `reports link` takes the id of a saved report, too.
- `query text`, `query params`, `stream events` and `stream profiles`, `--demo` and `--local` are
  new.

## Commands

"""


def page() -> str:
    """The whole page."""
    parts = [OPENING, _table([(f"`mp {name}`", about) for name, about in COMMANDS.items()])]
    for name, about in groups().items():
        inside = [c for c in commands().values() if " ".join(c.path[:-1]) == name]
        title = f"### {name}\n\n{about}\n\n" if name else ""
        parts.append(title + "\n".join(map(_entry, inside)) + "\n")
    return "\n".join(parts)


def _entry(command: Command) -> str:
    words = [_usage(option) for option in command.options if option.type not in ("format", "jq")]
    if any(option.type == "jq" for option in command.options):
        formats = any(option.type == "format" for option in command.options)
        words.append("[--format …] [--jq …]" if formats else "[--jq …]")
    line = " ".join(("mp", *command.path, *words))
    return f"- `{line}`  \n  {summary(command)}"


def _usage(option: Option) -> str:
    if not option.flags:
        shown = option.name.upper() + ("…" if option.many else "")
        return shown if option.required else f"[{shown}]"
    flag = next(flag for flag in option.flags if flag.startswith("--"))
    words = option.choices or option.checked
    shown = "|".join(words) if words else option.type.upper().replace("STR", "TEXT")
    text = (
        flag if option.switch else f"{flag}/--no-{flag[2:]}" if option.pair else f"{flag} {shown}"
    )
    text += "…" if option.many else ""
    return text if option.required else f"[{text}]"


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(["| command | |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows), ""])


if __name__ == "__main__":
    sys.stdout.write(page())
