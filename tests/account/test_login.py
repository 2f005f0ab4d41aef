"""Signing in over real sockets: PKCE, clients, refresh, pasted codes, two at once, and failures."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

import mpnb as mp
from mpnb.account import callback, oauth, tokens
from mpnb.account.notice import AccountNotice
from mpnb.cli import main
from mpnb.engine.mixpanel.principal import principal
from mpnb.errors import (
    AuthenticationError,
    ConfigError,
    InvalidArgumentError,
    OAuthError,
    ProjectNotFoundError,
    RegionProbeError,
    RegionProbeNetworkError,
)
from tests.account.browser import visit
from tests.account.server import Mixpanel

pytestmark = pytest.mark.usefixtures("browser", "ports")


@pytest.fixture
def ports() -> Iterator[None]:
    """The ports that the browser is sent back to are the same for all: one test at a time."""
    with FileLock(Path(tempfile.gettempdir(), "mpnb-tests-ports.lock")):
        yield


def tokens_of(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(tokens.tokens_path(name).read_text())
    return found


def test_login_from_nothing(mixpanel: Mixpanel, home: Path) -> None:
    made = mp.accounts.login_unified()
    assert (made.name, made.type, made.region) == ("acme-inc", "oauth_browser", "us")
    assert (made.user_email, made.project_id, made.project_name) == (
        "a@example.com",
        "12345",
        "Demo",
    )
    assert made.is_active
    assert made.status == "ok"
    folder = home / ".mp"
    for path in (
        "accounts/acme-inc/tokens.json",
        "accounts/acme-inc/me.json",
        "oauth/client_us.json",
    ):
        assert (folder / path).stat().st_mode & 0o777 == 0o600, path
    assert (folder / "accounts" / "acme-inc").stat().st_mode & 0o777 == 0o700
    assert set(tokens_of("acme-inc")) >= {
        "access_token",
        "expires_at",
        "token_type",
        "scope",
        "refresh_token",
    }
    ws = mp.Workspace()
    assert [p.name for p in ws.projects()] == ["Demo"]
    register = json.loads(mixpanel.asked("/register/")[0].body)
    assert register["redirect_uris"] == ["http://localhost:19284/callback"]
    assert register["token_endpoint_auth_method"] == "none"


def test_login_to_a_named_account(mixpanel: Mixpanel) -> None:
    mp.accounts.add("me", type="oauth_browser")
    result = mp.accounts.login("me")
    assert result.user is not None
    assert result.user.email == "a@example.com"
    assert result.tokens_path.exists()
    assert result.client_path.name == "client_us.json"
    assert mp.accounts.show("me").project_id == "12345"
    assert mp.accounts.token("me") in mixpanel.access
    mp.accounts.logout("me")
    with pytest.raises(OAuthError, match="mp login --name me"):
        mp.accounts.token("me")


def test_several_projects_are_not_chosen_in_silence(mixpanel: Mixpanel) -> None:
    mixpanel.me["projects"]["222"] = {"name": "Other", "organization_id": 9}
    with pytest.raises(ConfigError, match=r"Demo \(12345\), Other \(222\)"):
        mp.accounts.login_unified()
    assert mp.accounts.list() == [], "a login that fails leaves nothing behind"
    made = mp.accounts.login_unified(project_picker=lambda me, listed: listed[1][0])
    assert made.project_id == "222"
    with pytest.raises(ProjectNotFoundError):
        mp.accounts.login_unified(name="again", project="333")
    mp.accounts.add("plain", type="oauth_browser")
    with pytest.warns(AccountNotice, match="sees 2 projects"):
        mp.accounts.login("plain")


def test_logging_in_again_renews_the_account(mixpanel: Mixpanel) -> None:
    first = mp.accounts.login_unified()
    before = tokens_of(first.name)
    mp.session.use(workspace=777)
    again = mp.accounts.login_unified()
    assert again.name == first.name
    assert len(mp.accounts.list()) == 1
    assert tokens_of(first.name) != before
    assert mp.session.show().workspace == 777
    with pytest.raises(ConfigError, match="region us"):
        mp.accounts.login_unified(name=first.name, region="eu")
    mixpanel.me["user_id"] = 43
    assert mp.accounts.login_unified().name == "acme-inc-2", (
        "somebody else of the same organisation"
    )


def paste(monkeypatch: pytest.MonkeyPatch, form: str, mixpanel: Mixpanel) -> None:
    """A person whose browser is on another machine: nothing listens where it is sent back to."""

    def ask(prompt: str) -> str:
        url = shown.getvalue().split("sign in:\n\n")[1].split()[0]
        elsewhere = url.replace("&state=", "&x=") if form == "lost" else url
        query = dict(part.split("=") for part in elsewhere.split("?")[1].split("&"))
        state = query.get("state", "")
        _, _, headers = mixpanel.oauth(_authorize(url))
        address = headers["Location"]
        code = address.split("code=")[1].split("&")[0]
        forms = {
            "address": address,
            "query": f"code={code}&state={state}",
            "code": code,
            "bad": "no, thanks",
            "other": f"code={code}&state=wrong",
        }
        return forms[form]

    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setattr("builtins.input", ask)


def _authorize(url: str):  # type: ignore[no-untyped-def]
    from urllib.parse import parse_qs, urlsplit

    from tests.account.server import Request

    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    return Request("GET", "/oauth/authorize/", query, {}, "")


@pytest.mark.parametrize("form", ["address", "query", "code"])
def test_pasting_where_the_browser_cannot_reach(
    form: str, mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    paste(monkeypatch, form, mixpanel)
    assert mp.accounts.login_unified(no_browser=True).name == "acme-inc"


@pytest.mark.parametrize(
    ("form", "code"), [("bad", "OAUTH_PASTE_ERROR"), ("other", "OAUTH_STATE_MISMATCH")]
)
def test_pasting_something_else(
    form: str, code: str, mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    paste(monkeypatch, form, mixpanel)
    with pytest.raises(OAuthError) as caught:
        mp.accounts.login_unified(no_browser=True)
    assert caught.value.code == code


def test_a_remote_notebook_is_asked_to_paste(
    mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    paste(monkeypatch, "address", mixpanel)
    assert mp.accounts.login_unified().name == "acme-inc"


def test_mixpanel_says_no(mixpanel: Mixpanel) -> None:
    mixpanel.deny = "access_denied"
    with pytest.raises(OAuthError, match="access_denied") as caught:
        mp.accounts.login_unified()
    assert caught.value.code == "OAUTH_AUTH_DENIED"


def test_nobody_answers() -> None:
    with callback.Callback() as waiting:
        assert callback.wait_for_answer(waiting, None, 0.05) is None
    with pytest.raises(OAuthError) as caught:
        callback.code_of(None, "state")
    assert caught.value.code == "OAUTH_TIMEOUT"


def test_the_callback_takes_only_its_own_state() -> None:
    with callback.Callback() as waiting:
        assert visit(f"http://localhost:{waiting.port}/favicon.ico").endswith("ico")
        assert waiting.answer is None
        visit(f"http://localhost:{waiting.port}/callback?code=stolen")
        with pytest.raises(OAuthError) as caught:
            callback.code_of(waiting.wait(5), "state")
    assert caught.value.code == "OAUTH_STATE_MISMATCH"


def test_all_ports_in_use() -> None:
    held = [callback.Callback() for _ in callback.PORTS]
    try:
        with pytest.raises(OAuthError) as caught:
            callback.Callback()
        assert caught.value.code == "OAUTH_PORT_ERROR"
    finally:
        for one in held:
            one.__exit__(None, None, None)


def test_trap_08_a_busy_port_does_not_replace_the_client_of_others(
    mixpanel: Mixpanel, home: Path
) -> None:
    first = mp.accounts.login_unified(name="one").name
    kept = (home / ".mp/oauth/client_us.json").read_bytes()
    with callback.Callback():  # takes the first port
        mp.accounts.login_unified(name="two")
    assert (home / ".mp/oauth/client_us.json").read_bytes() == kept
    assert (home / ".mp/oauth/client_us_19285.json").exists()
    for name in (first, "two"):
        expire(name)
        assert mp.accounts.token(name) in mixpanel.access
    mp.accounts.login_unified(name="three")
    assert len(mixpanel.asked("/register/")) == 2, "a client is registered once per port"


def test_trap_08_an_existing_client_file_still_renews_old_tokens(mixpanel: Mixpanel) -> None:
    mp.accounts.login_unified(name="one")
    path = tokens.tokens_path("one")
    old = {key: value for key, value in tokens_of("one").items() if key != "client_id"}
    path.write_text(json.dumps({**old, "expires_at": "2020-01-01T00:00:00+00:00"}))
    client = path.parent.parent.parent / "oauth" / "client_us.json"
    info = json.loads(client.read_text())
    client.write_text(json.dumps({**info, "host": mixpanel.url}))
    assert mp.accounts.token("one") in mixpanel.access


def test_two_processes_log_in_at_once(mixpanel: Mixpanel, home: Path) -> None:
    script = Path(__file__).with_name("browser.py")
    environment = {**os.environ, "BROWSER": f"{sys.executable} {script} %s &"}
    code = "import sys, mpnb; print(mpnb.accounts.login_unified(name=sys.argv[1]).name)"
    ran = [
        subprocess.Popen(
            [sys.executable, "-c", code, name],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two", "three")
    ]
    outs = [process.communicate(timeout=60) for process in ran]
    assert [out.strip() for out, _ in outs] == ["one", "two", "three"], outs
    assert [account.name for account in mp.accounts.list()] == ["one", "three", "two"]
    for name in ("one", "two", "three"):
        expire(name)
        assert mp.accounts.token(name) in mixpanel.access, "each token belongs to its own client"


def expire(name: str) -> None:
    path = tokens.tokens_path(name)
    path.write_text(json.dumps({**tokens_of(name), "expires_at": "2020-01-01T00:00:00+00:00"}))


def test_a_token_that_runs_out_mid_run_is_renewed_once(mixpanel: Mixpanel) -> None:
    mp.accounts.login_unified(name="one")
    ws = mp.Workspace()
    ws.list_workspaces()
    expire("one")
    mixpanel.access.clear()
    done: list[object] = []
    workers = [threading.Thread(target=lambda: done.append(ws.list_workspaces())) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert len(done) == 8
    renewed = [r for r in mixpanel.asked("/oauth/token/") if "refresh_token" in r.body]
    assert len(renewed) == 1


def test_a_token_that_is_refused_before_its_time_is_renewed_once(
    mixpanel: Mixpanel, home: Path
) -> None:
    """Twenty threads meet the refusal; one renews, and all calls are answered."""
    mp.accounts.login_unified()
    with mp.Workspace(on_limit="ignore") as ws:
        ws.me()
        mixpanel.access.clear()  # the server forgot the token, whose time is not over
        before = len(mixpanel.asked("/oauth/token"))
        with ThreadPoolExecutor(20) as threads:
            found = list(threads.map(lambda _: ws.list_annotations(), range(20)))
        assert found == [[]] * 20
        assert len(mixpanel.asked("/oauth/token")) == before + 1


def test_a_change_is_sent_again_after_the_token_was_renewed(mixpanel: Mixpanel, home: Path) -> None:
    mp.accounts.login_unified()
    with mp.Workspace(on_limit="ignore") as ws:
        mixpanel.access.clear()
        ws.delete_annotation(3)
        sent = [request for request in mixpanel.requests if request.method == "DELETE"]
        assert len(sent) == 2


def test_a_token_that_stays_refused_is_not_renewed_again(mixpanel: Mixpanel, home: Path) -> None:
    mp.accounts.login_unified()
    with mp.Workspace(on_limit="ignore") as ws:
        path = "/api/app/projects/12345/annotations/"
        mixpanel.answers[path] = (401, {"error": "no"})
        before = len(mixpanel.asked("/oauth/token"))
        with pytest.raises(AuthenticationError):
            ws.list_annotations()
        assert len(mixpanel.asked("/oauth/token")) == before + 1
        assert len(mixpanel.asked("/annotations")) == 2


def test_a_revoked_login_says_how_to_log_in_again(mixpanel: Mixpanel) -> None:
    mp.accounts.login_unified(name="one")
    mixpanel.refresh.clear()
    expire("one")
    with pytest.raises(OAuthError, match="mp login --name one") as caught:
        mp.Workspace().list_workspaces()
    assert caught.value.code == "OAUTH_REFRESH_REVOKED"
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.to_dict())
    assert "refresh-secret" not in shown
    assert mp.accounts.test("one").error_code == "OAUTH_REFRESH_REVOKED"


def test_trap_07_a_bridge_rewrites_no_tokens(mixpanel: Mixpanel, home: Path) -> None:
    mp.accounts.login_unified(name="one")
    path = mp.accounts.export_bridge(to=home / "mixpanel_auth.json")
    local = tokens.tokens_path("one").read_bytes()
    data = json.loads(path.read_text())
    data["tokens"]["expires_at"] = "2020-01-01T00:00:00Z"
    data["account"] |= {"name": "one", "default_project": "12345"}
    path.write_text(json.dumps(data))
    (home / ".mp/config.toml").unlink()
    kept = (home / ".mp/oauth/client_us.json").read_text()
    assert "cid-" in kept
    for _ in range(3):
        assert mp.Workspace().list_workspaces()
    assert tokens.tokens_path("one").read_bytes() == local
    assert len([r for r in mixpanel.asked("/oauth/token/") if "refresh_token" in r.body]) == 1


def test_trap_06_me_is_kept_for_the_one_who_asked(
    mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("MP_STORAGE_DIR", str(home / "elsewhere"))
    for name, value in {"MP_SECRET": "s" * 20, "MP_PROJECT_ID": "12345", "MP_REGION": "us"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MP_USERNAME", "first")
    assert mp.Workspace().me().user_email == "a@example.com"
    mixpanel.me["user_email"] = "b@example.com"
    assert mp.Workspace().me().user_email == "a@example.com", "kept"
    monkeypatch.setenv("MP_USERNAME", "second")
    assert mp.Workspace().me().user_email == "b@example.com"
    monkeypatch.setenv("MP_USERNAME", "first")
    assert mp.Workspace().me().user_email == "a@example.com"
    assert mp.Workspace().me(force_refresh=True).user_email == "b@example.com"
    assert not (home / ".mp" / "accounts").exists(), "MP_STORAGE_DIR holds for reading and writing"
    texts = [p.read_text() for p in (home / "elsewhere").rglob("me-*.json")]
    assert len(texts) == 2
    assert not any("member_list" in text or "s" * 20 in text for text in texts)


def test_trap_06_another_credential_under_the_same_name(mixpanel: Mixpanel) -> None:
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret="s" * 20,
    )
    assert mp.Workspace().me().user_id == 42
    mixpanel.me["user_id"] = 43
    mp.accounts.update("team", username="v")
    assert mp.Workspace().me().user_id == 43


def test_me_projects_and_views(mixpanel: Mixpanel) -> None:
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret="s" * 20,
    )
    ws = mp.Workspace()
    assert ws.projects()[0].timezone == "US/Pacific"
    assert [view.id for view in ws.workspaces()] == [777, 778]
    assert ws.workspaces(project_id="999") == []
    count = len(mixpanel.requests)
    assert ws.resolve_workspace_id() == 777
    assert len(mixpanel.requests) == count, "what /me said is enough"
    assert ws.list_workspaces()[1].name == "EU only"
    assert ws.use(workspace=778).resolve_workspace_id() == 778


def test_a_view_when_listing_is_refused(mixpanel: Mixpanel) -> None:
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret="s" * 20,
    )
    mixpanel.answers["/api/app/projects/12345/workspaces/public"] = (403, {"error": "no"})
    views = {"9": {"id": 9, "name": "x", "is_default": True}}
    mixpanel.answers["/api/app/projects/metadata/index"] = (
        200,
        {"results": {"12345": {"workspaces": views}}},
    )
    assert mp.Workspace().resolve_workspace_id() == 9


def test_switching_costs_no_request_and_keeps_the_connection(mixpanel: Mixpanel) -> None:
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret="s" * 20,
    )
    ws = mp.Workspace()
    ws.list_workspaces()
    client, count = ws.engine.transport.client, len(mixpanel.requests)  # type: ignore[attr-defined]
    start = time.perf_counter()
    ws.use(project="2").use(project="3", workspace=4).use()
    assert time.perf_counter() - start < 0.05
    assert len(mixpanel.requests) == count
    ws.list_workspaces()
    assert ws.engine.transport.client is client  # type: ignore[attr-defined]
    assert mixpanel.requests[-1].path == "/api/app/projects/3/workspaces/public"


@pytest.mark.parametrize(("status", "said"), [(401, "refused"), (403, "user_details")])
def test_me_that_is_refused(status: int, said: str, mixpanel: Mixpanel) -> None:
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret="s" * 20,
    )
    mixpanel.answers["/api/app/me"] = (status, {"error": "no"})
    with pytest.raises(ConfigError, match=said):
        mp.Workspace().me()
    tested = mp.accounts.test()
    assert not tested.ok
    assert tested.error_code == ("AUTH_FAILED" if status == 401 else "QUERY_FAILED")


def test_trap_23_the_status_is_that_of_the_last_test(mixpanel: Mixpanel) -> None:
    mp.accounts.add("team", type="service_account", region="us", username="u", secret="s" * 20)
    assert mp.accounts.show("team").status == "untested"
    result = mp.accounts.test("team")
    assert result.ok
    assert result.accessible_project_count == 1
    assert mp.accounts.show("team").status == "ok"
    mixpanel.basic["x:y"] = ""
    assert not mp.accounts.test("team").ok
    assert mp.accounts.show("team").status == "untested"


def test_trap_16_and_17_every_request_names_us_and_goes_where_it_should(
    mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MP_CUSTOM_HEADER_NAME", "X-Own")
    monkeypatch.setenv("MP_CUSTOM_HEADER_VALUE", "yes")
    mp.accounts.login_unified(name="one")
    expire("one")
    mp.Workspace().list_workspaces()
    sent = [r for r in mixpanel.requests if "authorize" not in r.path]
    assert {r.path for r in sent} >= {"/oauth/mcp/register/", "/oauth/token/", "/api/app/me"}
    for request in sent:
        assert request.headers["user-agent"].startswith("mpnb/"), request.path
        assert request.headers["x-own"] == "yes", request.path
        assert ("authorization" in request.headers) == (not request.path.startswith("/oauth/"))


def test_a_service_account_from_the_environment(
    mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MP_USERNAME", "svc")
    monkeypatch.setenv("MP_SECRET", "s" * 20)
    made = mp.accounts.login_unified()
    assert (made.type, made.region, made.name) == ("service_account", "us", "acme-inc")
    assert mp.accounts.login_unified().name == "acme-inc", "the same user name is the same account"
    mixpanel.basic["other:pair"] = ""
    with pytest.raises(RegionProbeError) as caught:
        mp.accounts.login_unified(name="x")
    assert caught.value.attempts[0][:2] == ("us", 401)
    assert "s" * 20 not in str(caught.value.to_dict())


def test_a_token_from_the_environment(mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_TOKEN", "ci-secret")
    mixpanel.access.add("ci-secret")
    made = mp.accounts.login_unified(token_env="CI_TOKEN", region="eu")
    assert (made.type, made.region) == ("oauth_token", "eu")
    assert mp.accounts.token() == "ci-secret"
    monkeypatch.delenv("CI_TOKEN")
    assert mp.accounts.show().status == "needs_token"
    with pytest.raises(OAuthError, match="CI_TOKEN"):
        mp.accounts.token()


def test_a_projects_api_secret(mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_SECRET", "a" * 32)
    made = mp.accounts.login_unified(account_type="project_secret", project="12345")
    assert (made.name, made.type, made.region) == ("project-12345", "project_secret", "us")
    assert mp.accounts.test().ok
    request = mixpanel.asked("/export")[-1]
    assert (
        request.headers["authorization"]
        == "Basic " + __import__("base64").b64encode(b"a" * 32 + b":").decode()
    )
    assert "project_id" not in request.query


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_API_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MP_USERNAME", "svc")
    monkeypatch.setenv("MP_SECRET", "s" * 20)
    with pytest.raises(RegionProbeNetworkError):
        mp.accounts.login_unified()


def test_arguments_that_do_not_go_together() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        mp.accounts.login_unified(service_account=True, token_env="X")
    assert caught.value.violation == "mutually_exclusive"
    with pytest.raises(InvalidArgumentError) as caught:
        mp.accounts.login_unified(service_account=True, no_browser=True)
    assert caught.value.violation == "no_browser_misuse"
    with pytest.raises(InvalidArgumentError) as caught:
        mp.accounts.login_unified(secret_stdin=True)
    assert caught.value.violation == "secret_stdin_misuse"


def test_a_page_in_place_of_json(mixpanel: Mixpanel) -> None:
    mixpanel.answers["/oauth/mcp/register/"] = (200, "<html>proxy</html>")
    with pytest.raises(OAuthError) as caught:
        mp.accounts.login_unified()
    assert caught.value.code == "OAUTH_REGISTRATION_ERROR"


def test_the_wrong_secret_is_an_authentication_error(mixpanel: Mixpanel) -> None:
    mixpanel.basic["good:pair"] = ""
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret="s" * 20,
    )
    with pytest.raises(AuthenticationError):
        mp.Workspace().list_workspaces()


def test_pkce_follows_the_standard() -> None:
    pkce = oauth.Pkce.new()
    assert len(pkce.verifier) == 86
    assert len(pkce.challenge) == 43
    assert pkce.verifier not in repr(pkce)


def test_the_command(mixpanel: Mixpanel, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["login", "--name", "me"]) == 0
    said = capsys.readouterr()
    assert said.out == "Logged in as a@example.com → me · Demo\n"
    assert "secret" not in said.out + said.err
    assert main(["login", "--name", "me", "--region", "eu"]) == 1
    assert "region us" in capsys.readouterr().err


def test_planted_secrets_are_in_the_private_files_only(mixpanel: Mixpanel, home: Path) -> None:
    planted = "planted-" + "secret-of-a-service-account"
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret=planted,
    )
    mp.accounts.login_unified(name="me")
    ws = mp.Workspace(account="team")
    ws.me()
    ws.use(account="me").me()
    found = [
        p
        for p in home.rglob("*")
        if p.is_file() and re.search(rb"planted-|access-secret|refresh-secret", p.read_bytes())
    ]
    assert sorted(str(p.relative_to(home)) for p in found) == [
        ".mp/accounts/me/tokens.json",
        ".mp/config.toml",
    ]


def test_somebody_else_under_the_same_name_is_somebody_else(mixpanel: Mixpanel) -> None:
    mp.accounts.login_unified(name="me")
    first = principal(mp.Workspace().session)
    expire("me")
    mp.Workspace().list_workspaces()
    assert principal(mp.Workspace().session) == first, "a renewed token is the same person's"
    mp.accounts.login("me")
    assert principal(mp.Workspace().session) != first
