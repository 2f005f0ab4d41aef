"""`mp replays …`: session replays that become files or words.

Enters: ids. Leaves: files, summaries, addresses. The surprise: signatures are hidden unless asked
for, because whoever has one can read the replay.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mpnb.cli import output
from mpnb.cli.accounts import one_of
from mpnb.cli.run import Run
from mpnb.errors import ParamValidationError

SIGNED = re.compile(r"(https?://[^\s\"?]+)\?[^\s\"]+")
PARTS = ("replays", "summary")
"""What `for-user` writes: the recorded events, and each session in words."""


def sign(run: Run) -> Any:
    """Addresses where replays can be fetched for a while; signatures are hidden."""
    with run.workspace() as workspace:
        found = output.data(workspace.sign_replays(run.options.replay_ids, env=run.options.env))
    return found if run.options.reveal_signed_urls else _hidden(found)


def _hidden(found: Any) -> Any:
    if isinstance(found, dict):
        secret = ("signature", "query", "token")
        return {
            name: "…" if any(word in name for word in secret) else _hidden(value)
            for name, value in found.items()
        }
    if isinstance(found, list):
        return [_hidden(item) for item in found]
    return SIGNED.sub(r"\1?…", found) if isinstance(found, str) else found


def fetch(run: Run) -> None:
    """Fetch a replay as the JSON that players read, to a file or standard output."""
    asked = run.options
    with run.workspace() as workspace:
        replay = workspace.fetch_replay(
            asked.replay_id,
            env=asked.env,
            max_files=asked.max_files,
            include_mixpanel_events=asked.include_mixpanel_events,
        )
    text = json.dumps(replay.to_rrweb_player_json()) + "\n"
    if asked.output is None:
        sys.stdout.write(text)
    else:
        asked.output.write_text(text, "utf-8")
        run.note(f"{asked.output}: {len(replay.rrweb_events):,} events.")


def analyze(run: Run) -> None:
    """What happened in a replay, in words or as data."""
    form = run.options.format
    one_of("--format", form, ("plain", "json"))
    with run.workspace() as workspace:
        if form == "plain":
            print(workspace.analyze_replay(run.options.replay_id))
        else:
            output.write(workspace.fetch_replay(run.options.replay_id), "json")


def for_user(run: Run) -> Any:
    """The replays of a person: a summary of each, and files when a folder is named."""
    asked = run.options
    wanted = asked.include or list(PARTS)
    for part in wanted:
        one_of("--include", part, PARTS)
    with run.workspace() as workspace:
        bundle = workspace.replays_for_user(
            asked.user,
            from_date=asked.from_date,
            to_date=asked.to_date,
            limit=asked.limit,
            include_mixpanel_events=asked.mixpanel_events,
        )
    if asked.out_dir is not None:
        _written(asked.out_dir, bundle.replays, wanted)
    return [
        {"replay_id": replay.replay_id, "summary": replay.summary_markdown}
        for replay in bundle.replays
    ]


def _written(folder: Path, replays: Any, wanted: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for replay in replays:
        if not re.fullmatch(r"[\w.-]+", replay.replay_id):
            raise ParamValidationError(f"{replay.replay_id!r} is no name for a file.")
        if "replays" in wanted:
            text = json.dumps(replay.to_rrweb_player_json(), ensure_ascii=False)
            (folder / f"{replay.replay_id}.json").write_text(text, "utf-8")
        if "summary" in wanted:
            (folder / f"{replay.replay_id}.md").write_text(replay.summary_markdown, "utf-8")
