"""The magics over a Mixpanel project: listings ask once, completion never; reports by link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mpnb import Project, ServiceAccount, Session, Workspace, emulator
from tests.magic.shell import Shell
from tests.magic.test_completion import complete

TOKEN = "a-token-for-tests"


@pytest.fixture
def project(
    shell: Shell, demo: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """A shell whose workspace asks an emulator over the demo data."""
    monkeypatch.setenv("MPNB_HOME", str(tmp_path))
    with emulator.serve(demo, token=TOKEN, limits=False) as running:
        monkeypatch.setenv("MP_API_BASE_URL", running.url)
        use(shell)
        yield shell
        shell.ip.user_ns["mine"].close()


def use(shell: Shell) -> Workspace:
    account = ServiceAccount.model_validate(
        {"name": "test", "region": "us", "username": "u", "secret": TOKEN}
    )
    ws = Workspace(session=Session(account=account, project=Project(id="12345")))
    shell.ip.user_ns["mine"] = ws
    shell.run("%load_ext mpnb")
    shell.run("%mp use mine")
    return ws


def sent(shell: Shell) -> int:
    engine: Any = shell.ip.user_ns["mine"].engine
    return int(engine.transport.requests)


def test_listings_ask_once(project: Shell) -> None:
    assert "Purchase" in repr(project.run("%mp events pur").value)
    assert "Sign Up" not in repr(project.run("%mp events pur").value)
    assert "platform" in repr(project.run("%mp props Purchase").value)
    assert "US" in repr(project.run("%mp values country").value)
    assert sent(project) == 3
    assert "one event at a time" in project.error("%mp props")
    assert "There is no event" in project.error("%mp props Purchas")
    assert "against yesterday" in repr(project.run("%mp top").value)


def test_completion_knows_what_was_listed_and_asks_nothing(project: Shell) -> None:
    cell = '%%mpquery funnel\n"Sig|'
    assert complete(project, cell) == []
    project.run("%mp events")
    project.run("%mp props Purchase")
    project.run("%mp values country")
    before = sent(project)
    assert complete(project, cell)[0] == '"Sign Up"'
    assert complete(project, '%%mpquery\n"Purchase"\nby plat|')[0] == "platform"
    assert complete(project, '%%mpquery\n"Purchase" where country = "U|')[0] == '"US"'
    assert complete(project, "%mp values plat|") == ["platform"]
    assert sent(project) == before


def test_completion_knows_it_in_the_next_session_too(project: Shell) -> None:
    project.run("%mp events")
    project.ip.user_ns["mine"].close()
    use(project)
    assert complete(project, '%%mpquery funnel\n"Sig|')[0] == '"Sign Up"'
    assert sent(project) == 0


def test_a_report_is_saved_and_opened_by_its_link(project: Shell) -> None:
    project.run('%%mpquery funnel\n"Sign Up" -> "Purchase"')
    said = project.run('%mp save "Two steps"').text
    link = next(word for word in said.split() if "://" in word)
    opened = project.run(f"%mp open {link}").text
    assert '"Sign Up" -> "Purchase"' in opened
    assert "example.com" in project.error("%mp open https://example.com/x")
