"""Dashboards from templates and root causes, their cards, and what leaves for the world."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

import mpnb
from mpnb.emulator import Running
from mpnb.errors import APIError, QueryError
from tests.emulator.conftest import TOKEN
from tests.emulator.test_governance import ws

spiky = ws
"""A project with an anomaly."""
REFUSED = (APIError, QueryError)


def test_a_dashboard_is_made_from_a_template(remote: mpnb.Workspace) -> None:
    templates = {t.name: t for t in remote.list_blueprint_templates()}  # type: ignore[attr-defined]  # its extra field
    for name, template in templates.items():
        made = remote.create_blueprint(name)
        reports = [r for r in remote.list_bookmarks() if r.dashboard_id == made.id]
        assert len(reports) == template.number_of_reports
        for report in reports:
            answer = remote.query_saved_report(report.id, bookmark_type=report.type)
            assert answer.series, report.name
        config = remote.get_blueprint_config(made.id)
        assert config.variables == {"event": "View", "second_event": "Buy"}
    with pytest.raises(REFUSED, match="template_type is one of"):
        remote.create_blueprint("nothing")


def test_a_template_is_settled(remote: mpnb.Workspace) -> None:
    made = remote.create_blueprint("company_kpis")
    remote.update_blueprint_cohorts([{"id": 1}])
    first = remote.list_bookmarks()[0]
    cards = [
        mpnb.BlueprintCard(card_type="text", markdown="# Why"),
        mpnb.BlueprintCard(card_type="report", bookmark_id=first.id, name="Renamed"),
    ]
    done = remote.finalize_blueprint(mpnb.BlueprintFinishParams(dashboard_id=made.id, cards=cards))
    assert [card["type"] for card in done.contents] == ["text", "report"]  # type: ignore[attr-defined]  # an extra field
    assert remote.get_bookmark(first.id).name == "Renamed"
    assert remote.get_dashboard_erf(made.id) == {"metrics": [{"id": first.id, "name": "Renamed"}]}
    card = done.contents[0]["id"]  # type: ignore[attr-defined]  # an extra field
    remote.update_text_card(made.id, card, mpnb.UpdateTextCardParams(markdown="# Because"))
    kept = remote.get_dashboard(made.id)
    assert kept.contents[0]["markdown"] == "# Because"  # type: ignore[attr-defined]  # an extra field
    with pytest.raises(REFUSED, match="There is no text 1 "):
        remote.update_text_card(made.id, 1, mpnb.UpdateTextCardParams(markdown="x"))
    with pytest.raises(REFUSED, match="There is no report-link 1 "):
        remote.update_report_link(made.id, 1, mpnb.UpdateReportLinkParams(link_type="embedded"))


def test_a_root_cause_asks_about_the_days_around(spiky: mpnb.Workspace) -> None:
    anomaly = spiky.list_data_volume_anomalies()[0]
    source = mpnb.RcaSourceData(source_type="anomaly", date=anomaly.timestamp)
    made = spiky.create_rca_dashboard(
        mpnb.CreateRcaDashboardParams(rca_source_id=anomaly.id, rca_source_data=source)
    )
    reports = [r for r in spiky.list_bookmarks() if r.dashboard_id == made.id]
    assert [report.name for report in reports] == ["Buy", "Buy: users"]
    answer = spiky.query_saved_report(reports[0].id)
    assert answer.df["count"].max() == anomaly.actual_count
    with pytest.raises(REFUSED, match="There is no anomaly 1 "):
        spiky.create_rca_dashboard(
            mpnb.CreateRcaDashboardParams(rca_source_id=1, rca_source_data=source)
        )


def test_tests_of_alerts_go_to_the_outbox(remote: mpnb.Workspace, client: httpx.Client) -> None:
    report = remote.save(remote.query("Buy"), "Sales")
    alert = mpnb.CreateAlertParams(
        bookmark_id=int(report.id),
        name="Drop",
        condition={"operator": "less_than", "value": 1},
        frequency=86_400,
        paused=False,
        subscriptions=[{"type": "email", "value": "a@example.com"}],
    )
    assert remote.test_alert(alert) == {"status": "sent"}
    message = {"name": "Drop", "to": ["a@example.com"], "bookmark_id": int(report.id)}
    assert client.get("/_emulator/outbox").json()["messages"] == [message]
    with pytest.raises(REFUSED, match="There is no bookmarks 1 "):
        remote.test_alert(alert.model_copy(update={"bookmark_id": 1}))
    with pytest.raises(REFUSED, match="There is no picture"):
        remote.get_alert_screenshot_url("shots/a.png")


@pytest.fixture
def hook() -> Iterator[tuple[str, list[bytes]]]:
    """A webhook: its address, and what came."""
    came: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(302 if self.path == "/away" else 200)
            self.send_header("Location", "http://example.com/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    server.server_close()


def test_webhooks_are_called_on_this_machine_only(
    remote: mpnb.Workspace, hook: tuple[str, list[bytes]]
) -> None:
    url, came = hook
    good = remote.test_webhook(mpnb.WebhookTestParams(url=url))
    assert (good.success, good.status_code, len(came)) == (True, 200, 1)
    away = remote.test_webhook(mpnb.WebhookTestParams(url=f"{url}/away"))
    assert (away.success, away.status_code) == (False, 302)
    for other in ("https://example.com/h", "file:///etc/passwd"):
        answer = remote.test_webhook(mpnb.WebhookTestParams(url=other))
        assert (answer.success, "this machine" in answer.message) == (False, True)


def test_report_links_and_short_links(
    remote: mpnb.Workspace, running: Running, client: httpx.Client
) -> None:
    asked = remote.query("Buy", group_by="plan")
    link = remote.create_report_link(asked.params, name="Shared")
    again = remote.resolve_report_link(link.url)
    assert again.params == asked.params
    answer = remote.query_report_link(link.url)
    assert answer.raw["series"] == asked.raw["series"]
    for page in (False, True):
        made = client.post("/_emulator/short-links", json={"target": link.url, "page": page})
        short = f"https://mixpanel.com{made.json()['path']}"
        assert remote.resolve_report_link(short).params == asked.params
    assert httpx.get(f"{running.url}{made.json()['path']}").status_code == 401
    with pytest.raises(mpnb.errors.ReportLinkNotFoundError):
        remote.resolve_report_link("https://mixpanel.com/s/nothing")
    assert TOKEN not in link.url
