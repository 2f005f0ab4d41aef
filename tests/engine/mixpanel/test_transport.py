"""What goes out and what comes of it, over real sockets; the names say which trap a test is about."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from mpnb import errors
from mpnb.engine.mixpanel.call import retry_after
from mpnb.engine.mixpanel.regions import HOSTS, PATHS, base_url
from mpnb.engine.mixpanel.transport import Call, Transport
from tests.engine.mixpanel.conftest import SECRET, session
from tests.engine.mixpanel.server import Give, Got, Server, in_order, serving

At = Callable[[Server], Any]
READ = Call("GET", "query", "/events/names", {"type": "general"})
WRITE = Call("POST", "app", "/projects/1/things", body={"name": "x"}, repeatable=False)


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport(session())
    yield made
    made.close()


@pytest.mark.parametrize("region", HOSTS)
@pytest.mark.parametrize("family", PATHS)
def test_trap_17_one_variable_moves_every_family(
    region: str, family: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MP_API_BASE_URL", "http://127.0.0.1:9/")
    monkeypatch.delenv("MP_APP_BASE_URL", raising=False)
    moved = "" if family == "outside" else "http://127.0.0.1:9" + PATHS[family]
    assert base_url(family, region) == moved
    monkeypatch.delenv("MP_API_BASE_URL")
    assert "127.0.0.1" not in base_url(family, region)


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_API_BASE_URL", "localhost:80")
    with pytest.raises(errors.ConfigError, match="http://"):
        base_url("query", "us")


@pytest.mark.parametrize("family", [family for family in PATHS if family != "outside"])
def test_trap_16_every_request_names_the_package_and_carries_the_custom_header(
    family: Any, at: At, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MP_CUSTOM_HEADER_NAME", "X-Gate")
    monkeypatch.setenv("MP_CUSTOM_HEADER_VALUE", "open")
    with serving(in_order(Give({}))) as server:
        at(server)
        transport.send(Call("GET", family, "/x"))
        signed = Call("PUT", "outside", f"{server.url}/up?sig=1%2F2", body=b"a,b\n")
        transport.send(signed)
    first, upload = server.got
    assert first.headers["user-agent"].startswith("mpnb/")
    assert upload.headers["user-agent"].startswith("mpnb/")
    assert first.headers["x-gate"] == upload.headers["x-gate"] == "open"
    assert ("authorization" in first.headers) == (family != "oauth")
    assert "authorization" not in upload.headers
    assert (upload.path, upload.body) == ("/up?sig=1%2F2", b"a,b\n")


def test_a_custom_header_that_is_none_is_refused(
    home: Any, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MP_CUSTOM_HEADER_NAME", "X-Gate")
    monkeypatch.setenv("MP_CUSTOM_HEADER_VALUE", "a\r\nAuthorization: b")
    with pytest.raises(errors.ConfigError, match="HTTP header"):
        transport.send(READ)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_trap_12_what_passes_by_itself_is_tried_again(
    status: int, at: At, quick: list[float], transport: Transport
) -> None:
    with serving(in_order(Give({}, status), Give({"ok": 1}))) as server:
        at(server)
        assert transport.send(READ) == {"ok": 1}
    assert len(server.got) == 2
    assert 1.0 <= quick[0] <= 1.1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 500])
def test_trap_12_what_stays_is_not_tried_again_and_keeps_its_class(
    status: int, at: At, transport: Transport
) -> None:
    kinds = {401: errors.AuthenticationError, 500: errors.ServerError}
    with serving(in_order(Give({"error": "no"}, status))) as server:
        at(server)
        with pytest.raises(kinds.get(status, errors.QueryError)) as caught:
            transport.send(Call("GET", "export", "/export"))
    assert len(server.got) == 1
    assert caught.value.status_code == status
    assert caught.value.request_url == f"{server.url}/api/2.0/export"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_change_is_not_repeated_blindly(status: int, at: At, transport: Transport) -> None:
    with serving(in_order(Give({}, status))) as server:
        at(server)
        with pytest.raises(errors.ServerError, match="not known"):
            transport.send(WRITE)
    assert len(server.got) == 1


def test_a_change_whose_answer_is_lost_is_not_repeated(at: At, transport: Transport) -> None:
    with serving(in_order(Give({"a": 1}, cut_at=2))) as server:
        at(server)
        with pytest.raises(errors.MixpanelHeadlessError, match="not known") as caught:
            transport.send(WRITE)
    assert caught.value.code == "HTTP_ERROR"
    assert len(server.got) == 1


def test_a_change_that_was_refused_for_its_number_is_repeated(
    at: At, quick: list[float], transport: Transport
) -> None:
    with serving(in_order(Give({}, 429), Give({"id": 1}))) as server:
        at(server)
        assert transport.send(WRITE) == {"id": 1}


def test_a_server_that_dies_in_the_middle_is_asked_again(
    at: At, quick: list[float], transport: Transport
) -> None:
    with serving(in_order(Give({"a": "b" * 999}, cut_at=400), Give({"a": 1}))) as server:
        at(server)
        assert transport.send(READ) == {"a": 1}
    assert len(server.got) == 2


def test_nobody_there(
    home: Any, quick: list[float], transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MP_API_BASE_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(errors.MixpanelHeadlessError, match="cannot be reached"):
            transport.send(WRITE)
    assert len(quick) == 3, "what never arrived may be repeated, a change too"


def test_a_read_timeout_ends_and_is_tried_again(
    at: At, quick: list[float], transport: Transport
) -> None:
    slow = Call("GET", "query", "/slow", timeout_s=0.1)
    with serving(in_order(Give({}, after_s=0.5), Give({"ok": 1}))) as server:
        at(server)
        assert transport.send(slow) == {"ok": 1}


@pytest.mark.parametrize("text", ["7", "7.0", format_datetime(datetime(2999, 1, 1, tzinfo=UTC))])
def test_retry_after_is_seconds_or_a_date(text: str) -> None:
    wait = retry_after({"retry-after": text})
    assert wait is not None
    assert wait >= 7


@pytest.mark.parametrize("text", ["", "soon", "-1", "nan", "inf"])
def test_retry_after_that_says_nothing(text: str) -> None:
    assert retry_after({"retry-after": text}) is None


def test_a_date_is_waited_for(at: At, quick: list[float], transport: Transport) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    limited = Give({"error": "slow down"}, 429, {"Retry-After": date})
    with serving(in_order(limited)) as server:
        at(server)
        with pytest.raises(errors.RateLimitError) as caught:
            transport.send(READ)
    assert len(server.got) == 4
    assert all(25 < wait <= 30 for wait in quick)
    assert 25 < (caught.value.retry_after or 0) <= 30


def test_a_redirect_is_not_followed(at: At, transport: Transport) -> None:
    with serving(in_order(Give({}))) as other:
        moved = Give({}, 302, {"Location": f"{other.url}/steal"})
        with serving(in_order(moved)) as server:
            at(server)
            with pytest.raises(errors.QueryError, match="sees the credentials"):
                transport.send(READ)
            location = transport.reply(Call("GET", "web", "/s/abc")).headers["location"]
    assert location == f"{other.url}/steal"
    assert other.got == []


def test_a_web_page_instead_of_json(at: At, transport: Transport) -> None:
    page = b"<!DOCTYPE html><html><script>x()</script><h1>Sign&nbsp;in</h1></html>"
    with serving(in_order(Give(page, headers={"Content-Type": "text/html"}))) as server:
        at(server)
        with pytest.raises(errors.MixpanelHeadlessError, match=r"a web page: 'Sign.in'") as caught:
            transport.send(READ)
    assert caught.value.code == "INVALID_RESPONSE"
    assert len(server.got) == 1


def test_the_body_comes_in_pieces_and_says_when_it_is_cut(at: At, transport: Transport) -> None:
    with serving(in_order(Give(b"x" * 90_000), Give(b"x" * 90_000, cut_at=50_000))) as server:
        at(server)
        with transport.stream(Call("GET", "export", "/export")) as stream:
            assert len(b"".join(stream.chunks)) == 90_000
        with (
            pytest.raises(errors.MixpanelHeadlessError, match="broke off") as caught,
            transport.stream(Call("GET", "export", "/export")) as stream,
        ):
            list(stream.chunks)
    assert caught.value.code == "STREAM_CUT"
    assert len(server.got) == 2


def test_nothing_shows_a_secret(
    at: At, quick: list[float], transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    """Reprs, messages, details, logs and tracebacks with their locals."""
    caplog.set_level(logging.DEBUG)
    authorization = session().auth_header()

    def echo(got: Got) -> Give:
        told = {"error": f"bad {got.headers.get('authorization')} {SECRET}", "token": "abcdefgh1"}
        return Give(told, int(got.path.rpartition("/")[2].partition("?")[0]))

    seen = []
    call: Call
    with serving(echo) as server:
        at(server)
        for status in (400, 401, 404, 429, 500, 502):
            call = Call(
                "POST", "app", f"/{status}", {"token": "t0ken-query"}, {"password": "p4ss-body"}
            )
            seen += _shown(transport, call)
    seen += _shown(transport, call)  # nobody is there any more
    seen += [repr(transport), repr(call), repr(session()), caplog.text]
    for planted in (SECRET, authorization.split()[1], "t0ken-query", "p4ss-body", "abcdefgh1"):
        assert [text for text in seen if planted in text] == []


def _shown(transport: Transport, call: Call) -> list[str]:
    with pytest.raises(errors.MixpanelHeadlessError) as caught:
        transport.send(call)
    problem = caught.value
    traceback = "\n".join(
        f"{name}={value!r}"
        for entry in caught.traceback
        if "mpnb" in str(entry.path) and "tests" not in str(entry.path)
        for name, value in entry.frame.f_locals.items()
    )
    assert problem.__context__ is None, "an error below would carry the headers that were sent"
    return [str(problem), repr(problem), str(problem.to_dict()), traceback]


def test_a_secret_that_http_does_not_take_is_not_shown(home: Any) -> None:
    transport = Transport(session().replace(headers={"X-Key": f"{SECRET}\r\nX: y"}))
    with pytest.raises(errors.ConfigError, match="cannot be sent") as caught:
        transport.send(READ)
    transport.close()
    assert SECRET not in str(caught.value)


def test_a_body_that_cannot_be_unpacked(at: At, quick: list[float], transport: Transport) -> None:
    with serving(in_order(Give(b"no gzip", headers={"Content-Encoding": "gzip"}))) as server:
        at(server)
        with pytest.raises(errors.MixpanelHeadlessError, match="DecodingError") as caught:
            transport.send(READ)
    assert caught.value.code == "HTTP_ERROR"
