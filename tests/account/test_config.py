"""`config.toml`: same file and modes as before, comments that stay, writes that are whole."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import textwrap
import traceback
from pathlib import Path

import pytest

import mpnb as mp
from mpnb.account import config, files
from mpnb.account.notice import AccountNotice
from mpnb.errors import AccountExistsError, AccountInUseError, AccountNotFoundError, ConfigError

PLANTED = "planted-" + "secret"  # in two parts: a traceback shows the lines of this file

EXISTING = """\
# mine, do not touch
[active]
account = "team"  # the usual one
workspace = 777

[accounts.team]
type = "service_account"
region = "us"
default_project = "12345"
username = "u"
secret = "planted-secret"

# signed in last week
[accounts.me]
type = "oauth_browser"
region = "eu"

[accounts.ci]
type = "oauth_token"
region = "in"
default_project = "7"
token_env = "MY_TOK"

[targets.ecom]
account = "team"
project = "54321"
workspace = 5

[settings]
custom_header = {name = "X-A", value = "b"}

[other.tool]
keep = true
"""


@pytest.fixture
def existing(home: Path) -> Path:
    (home / ".mp").mkdir(mode=0o700)
    path = home / ".mp" / "config.toml"
    path.write_text(EXISTING)
    path.chmod(0o600)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_existing_login_keeps_working(existing: Path) -> None:
    ws = mp.Workspace()
    assert (ws.account.name, ws.project.id, ws.session.workspace_id) == ("team", "12345", 777)
    assert dict(ws.session.headers) == {"X-A": "b"}
    assert [a.name for a in mp.accounts.list()] == ["ci", "me", "team"]
    assert [a.status for a in mp.accounts.list()] == ["needs_token", "needs_login", "untested"]
    assert mp.accounts.show().is_active
    assert mp.targets.show("ecom").workspace == 5
    assert mp.session.show().workspace == 777


def test_trap_09_comments_survive_every_write(existing: Path) -> None:
    mp.accounts.add("new", type="project_secret", region="in", secret="another-secret")
    mp.targets.add("t", account="new", project="1")
    mp.session.use(project="99", workspace=3)
    mp.accounts.update("me", default_project="8")
    mp.targets.remove("t")
    mp.accounts.remove("new")
    text = existing.read_text()
    for line in ("# mine, do not touch", "# the usual one", "# signed in last week", "keep = true"):
        assert line in text
    assert 'default_project = "99"' in text
    assert "another-secret" not in text


def test_dotted_keys_and_inline_tables_lose_nothing(home: Path) -> None:
    path = home / ".mp" / "config.toml"
    path.parent.mkdir(mode=0o700)
    path.write_text(
        'active = { account = "team" }\n'
        'accounts.team = { type = "project_secret", region = "us", secret = "s" }\n'
        'accounts.ci = { type = "oauth_token", region = "in", token_env = "X" }\n'
        'targets.ecom = { account = "team", project = "12345" }\n'
    )
    path.chmod(0o600)
    mp.accounts.add("new", type="project_secret", region="eu", secret="abc")
    mp.targets.add("t2", account="team", project="5")
    mp.session.use(account="ci", project="7")
    mp.accounts.update("team", region="eu")
    assert [account.name for account in mp.accounts.list()] == ["ci", "new", "team"]
    assert [target.name for target in mp.targets.list()] == ["ecom", "t2"]
    assert mp.session.show().account == "ci"
    mp.accounts.remove("ci")
    mp.targets.use("ecom")
    assert mp.session.show().account == "team"


def test_a_change_that_fails_changes_nothing(existing: Path) -> None:
    with pytest.raises(ConfigError, match="There is no account"):
        mp.session.use(project="99", account="nobody")
    with pytest.raises(ConfigError):
        mp.session.use(project="not-digits")
    with pytest.raises(AccountExistsError):
        mp.accounts.add("team", type="oauth_browser")
    with pytest.raises(AccountInUseError):
        mp.accounts.remove("team")
    assert existing.read_text() == EXISTING


def test_modes(home: Path) -> None:
    mp.accounts.add("team", type="service_account", region="us", username="u", secret="s" * 20)
    assert mode(home / ".mp") == 0o700
    assert mode(home / ".mp" / "config.toml") == 0o600


def test_trap_09_loose_permissions_are_repaired_with_a_notice(existing: Path) -> None:
    existing.chmod(0o644)
    with pytest.warns(AccountNotice, match="could be read by others") as said:
        mp.Workspace()
    assert mode(existing) == 0o600
    assert "planted-secret" not in str([warning.message for warning in said])


def test_trap_09_a_symlinked_folder_is_accepted(home: Path, existing: Path) -> None:
    (home / ".mp").rename(home / "dotfiles")
    (home / ".mp").symlink_to(home / "dotfiles")
    assert mp.Workspace().project.id == "12345"
    mp.session.use(project="4")
    assert (home / ".mp").is_symlink()
    assert 'default_project = "4"' in (home / "dotfiles" / "config.toml").read_text()


def test_a_symlinked_file_stays_a_link(home: Path, existing: Path) -> None:
    existing.rename(home / "real.toml")
    existing.symlink_to(home / "real.toml")
    mp.session.use(project="4")
    assert existing.is_symlink()
    assert 'default_project = "4"' in (home / "real.toml").read_text()


STRANGER = """
import os, sys, mpnb.session
from mpnb.account import files
from pathlib import Path
os.setuid(54321)
files.read(Path(sys.argv[1]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's file")
def test_a_file_of_another_user_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        path.write_text(EXISTING)
        os.chown(path, 12345, 12345)
        Path(folder).chmod(0o755)
        ran = subprocess.run(
            [sys.executable, "-c", STRANGER, str(path)], capture_output=True, text=True, check=False
        )
    assert "belongs to another user" in ran.stderr


def test_one_broken_account_does_not_lock_out_the_others(existing: Path) -> None:
    existing.write_text(EXISTING.replace('region = "eu"', 'region = "mars"'))
    assert mp.Workspace().account.name == "team"
    with pytest.raises(ConfigError, match="region") as caught:
        mp.Workspace(account="me")
    assert "mars" not in str(caught.value)


def test_broken_toml_says_where_and_shows_no_secret(existing: Path) -> None:
    existing.write_text(f'[accounts.team]\nsecret = "{PLANTED}\n')
    with pytest.raises(ConfigError, match="line 2") as caught:
        mp.Workspace()
    shown = "".join(traceback.format_exception(caught.value))
    assert PLANTED not in shown


def test_secrets_show_nowhere(existing: Path) -> None:
    ws = mp.Workspace()
    shown = [ws, ws.session, ws.account, ws.session.model_dump_json(), mp.accounts.list()]
    shown += [config.load(), config.load().account("team"), ws._why]
    with pytest.raises(Exception) as caught:  # noqa: PT011  any
        mp.ServiceAccount(name="not a name", region="us", secret=PLANTED)  # type: ignore[call-arg, arg-type]
    shown.append("".join(traceback.format_exception(caught.value)))
    with pytest.raises(ConfigError) as refused:
        mp.accounts.add("x", type="oauth_browser", secret=PLANTED)
    shown.append("".join(traceback.format_exception(refused.value)))
    assert PLANTED not in repr(shown)


def test_trap_21_a_missing_account_has_its_own_error(existing: Path) -> None:
    with pytest.raises(AccountNotFoundError, match="ci, me, team"):
        mp.Workspace(account="nobody")


def test_an_account_without_a_name_is_not_given_one(home: Path) -> None:
    with pytest.raises(ConfigError, match="name"):
        mp.accounts.add("", type="service_account", region="us", username="u", secret="s")
    assert mp.accounts.list() == []


def test_config_path_of_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / "project"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    monkeypatch.setenv("MP_CONFIG_PATH", str(folder / "mp.toml"))
    mp.accounts.add("team", type="service_account", region="us", username="u", secret="s" * 20)
    assert mode(folder / "mp.toml") == 0o600
    assert mode(folder) == 0o755, "a folder that is not ours keeps its mode"
    assert not (home / ".mp").exists()


MANY = """
import sys
from mpnb.account import config
for n in range(12):
    with config.edit() as editor:
        editor.put_account(config.checked(config.ACCOUNT, dict(
            name=f"a-{sys.argv[1]}-{n}", type="oauth_browser", region="us"), "x"))
"""


def test_trap_09_processes_that_write_at_once_lose_nothing(home: Path) -> None:
    code = textwrap.dedent(MANY)
    ran = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(3)]
    assert [process.wait(60) for process in ran] == [0, 0, 0]
    assert len(config.load().account_names) == 36


KILLED = """
import os, sys
from mpnb.account import files
from pathlib import Path
os.fsync = lambda handle: os.kill(os.getpid(), 9)  # the moment before it is in place
files.write(Path(sys.argv[1]), b"[active]\\n" * 1000)
"""


def test_a_process_killed_while_writing_leaves_the_old_file(existing: Path) -> None:
    with files.locked(existing):
        pass
    ran = subprocess.run([sys.executable, "-c", KILLED, str(existing)], check=False)
    assert ran.returncode == -9
    assert existing.read_text() == EXISTING
    left = list(existing.parent.glob("config.toml.tmp.*"))
    assert len(left) == 1
    os.utime(left[0], (1, 1))
    mp.session.use(project="4")
    assert list(existing.parent.glob("config.toml.tmp.*")) == []
    assert mp.Workspace().project.id == "4"


def test_a_full_disk_leaves_the_old_file(existing: Path) -> None:
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10)); "
        "import mpnb; mpnb.session.use(project='4')"
    )
    ran = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False
    )
    assert "ConfigError" in ran.stderr
    assert existing.read_text() == EXISTING
    assert list(existing.parent.glob("*.tmp.*")) == []
