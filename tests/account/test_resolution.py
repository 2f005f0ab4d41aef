"""Which account, project and data view; the scope traps of the reference are named here."""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path

import pytest

import mpnb as mp
from mpnb.account.notice import AccountNotice
from mpnb.errors import ConfigError, OAuthError, ParamValidationError


@pytest.fixture(autouse=True)
def accounts(home: Path) -> None:
    secret = "s" * 20
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="1",
        username="u",
        secret=secret,
    )
    mp.accounts.add(
        "eu", type="service_account", region="eu", default_project="2", username="v", secret=secret
    )
    mp.accounts.add("bare", type="service_account", region="in", username="w", secret=secret)
    mp.targets.add("ecom", account="eu", project="22", workspace=222)


def where(ws: mp.Workspace) -> tuple[str, str, int | None]:
    return ws.account.name, ws.project.id, ws.session.workspace_id


def credentials(patch: pytest.MonkeyPatch, **more: str) -> None:
    for name, value in {
        "MP_USERNAME": "env",
        "MP_SECRET": "e" * 20,
        "MP_PROJECT_ID": "9",
        "MP_REGION": "in",
        **more,
    }.items():
        patch.setenv(name, value)


def test_order_of_the_account(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    assert where(mp.Workspace()) == ("team", "1", None)
    bridge(home, "bridged", project="7")
    assert where(mp.Workspace()) == ("bridged", "7", None)
    assert where(mp.Workspace(account="eu")) == ("eu", "2", None)
    assert where(mp.Workspace(target="ecom")) == ("eu", "22", 222)
    monkeypatch.setenv("MP_OAUTH_TOKEN", "t" * 20)
    credentials(monkeypatch)
    assert where(mp.Workspace()) == ("env-service-account", "9", None)
    monkeypatch.delenv("MP_SECRET")
    assert where(mp.Workspace()) == ("env-oauth-token", "9", None)


def test_an_incomplete_set_is_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_USERNAME", "env")
    monkeypatch.setenv("MP_REGION", "in")
    assert where(mp.Workspace())[0] == "team"


@pytest.mark.parametrize(
    ("name", "value"), [("MP_REGION", "mars"), ("MP_PROJECT_ID", "x1"), ("MP_WORKSPACE_ID", "-3")]
)
def test_bad_values_of_the_environment(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name):
        mp.Workspace()


def test_trap_04_an_environment_that_wins_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_PROJECT_ID", "9")
    monkeypatch.setenv("MP_WORKSPACE_ID", "99")
    with pytest.warns(AccountNotice) as said:
        assert where(mp.Workspace(project="3", workspace=33)) == ("team", "9", 99)
    lines = [str(warning.message) for warning in said]
    assert lines[0].startswith("Project: MP_PROJECT_ID=9 wins over project='3'")
    assert lines[1].startswith("Data view: MP_WORKSPACE_ID=99 wins over workspace=33")
    assert all("\n" not in line for line in lines)
    assert said[0].filename == __file__, "said where the person wrote it"


def test_trap_04_whole_credentials_that_win_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(monkeypatch)
    with pytest.warns(AccountNotice, match="MP_USERNAME, MP_SECRET, .* win over account='eu'"):
        ws = mp.Workspace(account="eu")
    assert where(ws) == ("env-service-account", "9", None)


def test_trap_04_what_agrees_is_quiet_and_use_is_explicit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_PROJECT_ID", "9")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ws = mp.Workspace(project="9")
        assert where(ws.use(project="3")) == ("team", "3", None)


def test_trap_03_a_pinned_view_stays_with_its_project() -> None:
    mp.session.use(workspace=777)
    assert where(mp.Workspace()) == ("team", "1", 777)
    assert where(mp.Workspace(project="4444")) == ("team", "4444", None)
    assert where(mp.Workspace(account="eu")) == ("eu", "2", None)
    mp.session.use(project="999")
    assert mp.session.show().workspace is None
    assert where(mp.Workspace()) == ("team", "999", None)


def test_trap_03_switching_the_account_drops_the_view() -> None:
    mp.session.use(workspace=777)
    mp.accounts.use("eu")
    assert mp.session.show().workspace is None
    mp.session.use(workspace=5)
    mp.accounts.update("eu", default_project="6")
    assert mp.session.show().workspace is None
    mp.session.use(workspace=5)
    mp.accounts.use("eu")
    assert mp.session.show().workspace == 5, "the same account is no switch"


def test_trap_03_a_target_in_another_project_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MP_PROJECT_ID", "9")
    with pytest.warns(AccountNotice):
        assert where(mp.Workspace(target="ecom")) == ("eu", "9", None)


def test_trap_05_use_with_nothing_changes_nothing() -> None:
    ws = mp.Workspace(workspace=77)
    assert where(ws.use()) == ("team", "1", 77)
    assert where(ws.use(project="1")) == ("team", "1", 77), "the same project is no switch"
    assert where(ws.use(project="3")) == ("team", "3", None)
    assert where(ws.use(workspace=8)) == ("team", "3", 8)
    assert where(ws.use(account="team")) == ("team", "1", None)


def test_use(monkeypatch: pytest.MonkeyPatch) -> None:
    ws = mp.Workspace()
    assert ws.use(target="ecom") is ws
    assert where(ws) == ("eu", "22", 222)
    with pytest.raises(ConfigError, match="bare"):
        ws.use(account="bare")
    assert where(ws) == ("eu", "22", 222), "a switch that fails does not move"
    assert where(ws.use(account="bare", project="5", workspace=6)) == ("bare", "5", 6)
    with pytest.raises(ParamValidationError):
        ws.use(target="ecom", project="5")
    monkeypatch.setenv("MP_WORKSPACE_ID", "99")
    assert where(ws.use(account="team")) == ("team", "1", 99)
    mp.accounts.add("me", type="oauth_browser", region="us", default_project="1")
    with pytest.raises(OAuthError, match="mp login"):
        ws.use(account="me")
    assert where(ws)[0] == "team"


def test_use_persist() -> None:
    ws = mp.Workspace(workspace=77).use(account="eu", workspace=5, persist=True)
    assert where(mp.Workspace()) == where(ws) == ("eu", "2", 5)
    ws.use(project="3", persist=True)
    assert where(mp.Workspace()) == ("eu", "3", None)


def test_credentials_of_the_environment_cannot_be_persisted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credentials(monkeypatch)
    ws = mp.Workspace()
    with pytest.raises(ConfigError, match="environment"):
        ws.use(project="4", persist=True)
    assert ws.project.id == "9"


def bridge(home: Path, name: str, **more: object) -> Path:
    path = home / "mixpanel_auth.json"
    account = {
        "type": "service_account",
        "name": name,
        "region": "us",
        "username": "b",
        "secret": "b" * 20,
    }
    path.write_text(json.dumps({"version": 2, "account": account, "headers": {"X-B": "1"}, **more}))
    path.chmod(0o600)
    return path


def test_trap_10_a_bridge_is_for_its_own_account_only(home: Path) -> None:
    bridge(home, "bridged", project="7", workspace=70)
    ws = mp.Workspace(account="team")
    assert where(ws) == ("team", "1", None)
    assert dict(ws.session.headers) == {}
    ws = mp.Workspace()
    assert where(ws) == ("bridged", "7", 70)
    assert dict(ws.session.headers) == {"X-B": "1"}
    assert where(mp.Workspace(project="8")) == ("bridged", "8", None)


def test_bridge_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = mp.accounts.export_bridge(to=home / "out" / "auth.json", account="eu", project="4")
    assert path.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("MP_AUTH_FILE", str(path))
    assert where(mp.Workspace()) == ("eu", "4", None)
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 1}))
    with pytest.raises(ConfigError, match="version"):
        mp.Workspace()
    assert mp.accounts.remove_bridge() is True
    assert mp.accounts.remove_bridge() is False
    assert where(mp.Workspace())[0] == "team"


def test_no_account_says_what_to_do(home: Path) -> None:
    (home / ".mp" / "config.toml").unlink()
    with pytest.raises(ConfigError, match="mp login"):
        mp.Workspace()


def test_a_workspace_is_quick_and_makes_no_request() -> None:
    mp.Workspace()
    start = time.perf_counter()
    for _ in range(20):
        mp.Workspace(project="3")
    assert (time.perf_counter() - start) / 20 < 0.005


def test_a_local_account(home: Path, state: Path) -> None:
    rows = '{"event":"A","properties":{"time":1700000000,"distinct_id":"u","$insert_id":"1"}}\n'
    (home / "export.jsonl").write_text(rows)
    mp.accounts.add("mine", type="local", path="~/export.jsonl")
    assert mp.accounts.show("mine").region is None
    assert mp.accounts.test("mine").ok
    ws = mp.Workspace(account="mine")
    assert ws.is_local
    assert ws.events() == ["A"]
    assert "local store" in str(ws.doctor())
    assert where(ws.use(account="eu")) == ("eu", "2", None)
    assert ws.use(account="mine").events() == ["A"]
    with pytest.raises(ConfigError, match="no project"):
        ws.use(project="3")
    with pytest.raises(ConfigError, match="local"):
        mp.Workspace(account="mine", project="3")


def test_a_view_of_another_project_is_refused() -> None:
    with pytest.raises(ValueError, match="belongs to project"):
        mp.Workspace().session.replace(workspace=mp.WorkspaceRef(id=1, project_id="2"))
