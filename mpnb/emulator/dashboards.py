"""Dashboards beyond rows: templates, root causes, and the cards that stand on one.

Enters: a request. Leaves: dashboards with reports that ask this project's own events. The surprise:
Mixpanel does not publish its templates; the emulator has a few of its own, under the same words,
whose reports are made from the two most frequent events of the data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from mpnb import params as params_json
from mpnb.emulator.entities import Entities, Row
from mpnb.emulator.governance import ANOMALIES, Governance
from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Project
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.retention import retention

Keys = tuple[str, ...]
Make = Callable[[str, str], Question]
"""A question about two events."""
DASHBOARDS, REPORTS, COHORTS = "dashboards", "bookmarks", "blueprint/cohorts"
AROUND = 14
"""Days before and after the day of a root cause."""


@dataclass(frozen=True)
class Template:
    """What a dashboard is made from."""

    title: str
    reports: Mapping[str, Make]


TEMPLATES: Mapping[str, Template] = {
    "company_kpis": Template(
        "Company KPIs",
        {
            "Active users": lambda first, second: insights("$all_events", math="unique"),
            "Events": lambda first, second: insights([first, second]),
            "Retention": lambda first, second: retention(first, second),
        },
    ),
    "product": Template(
        "Product",
        {
            "Conversion": lambda first, second: funnel([first, second]),
            "Users of both": lambda first, second: insights([first, second], math="unique"),
        },
    ),
}
KINDS = {"insights": "insights", "funnel": "funnels", "retention": "retention", "flow": "flows"}


class Dashboards:
    """Answers the addresses of dashboards that rows alone do not."""

    def __init__(self, project: Project, entities: Entities, governance: Governance) -> None:
        self._project, self._entities, self._governance = project, entities, governance

    def answers(self) -> dict[tuple[str, str], Callable[[Request, Keys], Any]]:
        """Method and address below the scope → what answers."""
        return {
            ("GET", "dashboards/blueprints-all"): self._templates,
            ("POST", "dashboards/blueprints"): self._from_template,
            ("GET", "dashboards/{}/blueprint-config"): self._config,
            ("PUT", "dashboards/blueprints/cohorts"): self._cohorts,
            ("POST", "dashboards/blueprints/finish"): self._finish,
            ("POST", "dashboards/rca"): self._root_cause,
            ("GET", "dashboards/{}/erf"): self._metrics,
            ("PATCH", "dashboards/{}/report-links/{}"): self._card("report-link"),
            ("PATCH", "dashboards/{}/text-cards/{}"): self._card("text"),
        }

    def _templates(self, request: Request, keys: Keys) -> dict[str, Any]:
        rows: dict[str, Row] = {}
        for name, template in TEMPLATES.items():
            rows[name] = {
                "title_key": template.title,
                "description_key": ", ".join(template.reports),
                "alternative_description_key": "",
                "number_of_reports": len(template.reports),
            }
            if str(request.get("include_reports", "")).lower() == "true":
                rows[name]["reports"] = [{"name": report} for report in template.reports]
        return {"templates": rows}

    def _from_template(self, request: Request, keys: Keys) -> Row:
        kind = str(request.need("template_type"))
        template = TEMPLATES.get(kind)
        if template is None:
            raise Refusal(400, f"template_type is one of {', '.join(TEMPLATES)}, not {kind!r}.")
        first, second = self._frequent()
        variables = {"event": first, "second_event": second}
        made = self._new(template.title, blueprint={"type": kind, "variables": variables})
        for name, make in template.reports.items():
            made = self._add(made, name, make(first, second))
        return made

    def _config(self, request: Request, keys: Keys) -> dict[str, Any]:
        blueprint = self._row(keys[0]).get("blueprint")
        if blueprint is None:
            raise Refusal(404, f"The dashboard {keys[0]} was not made from a template.")
        return {"variables": blueprint["variables"]}

    def _cohorts(self, request: Request, keys: Keys) -> dict[str, Any]:
        cohorts = request.fields.get("cohorts")
        if not isinstance(cohorts, list):
            raise Refusal(400, "The body must hold a list cohorts.")
        self._entities.set_value(COHORTS, cohorts)
        return {}

    def _finish(self, request: Request, keys: Keys) -> Row:
        """The cards that a dashboard ends up with, in their order; reports must be there."""
        row = self._row(str(request.need("dashboard_id")))
        cards = request.fields.get("cards")
        if not isinstance(cards, list) or not all(isinstance(card, dict) for card in cards):
            raise Refusal(400, "The body must hold a list cards.")
        row["contents"] = [self._settled(row, card) for card in cards]
        return self._keep(row)

    def _settled(self, row: Row, card: Mapping[str, Any]) -> Row:
        kind, number = card.get("type"), card.get("bookmark_id")
        if kind == "text":
            known = card.get("text_card_id") or self._entities.new_id()
            return {"type": kind, "id": known, "markdown": card.get("markdown", "")}
        report = self._entities.find(REPORTS, str(number))
        if report is None:
            raise Refusal(404, f"There is no bookmarks {number} in this project.")
        changes = {key: card[key] for key in ("name", "params") if card.get(key) is not None}
        changes["dashboard_id"] = row["id"]
        self._entities.put(REPORTS, str(number), {**report, **changes}, "updated")
        return {"type": kind, "id": number}

    def _root_cause(self, request: Request, keys: Keys) -> Row:
        """The days around a change, and who was part of it, for the event that changed."""
        number, source = request.need("rca_source_id"), request.fields.get("rca_source_data")
        if not isinstance(source, dict) or "type" not in source:
            raise Refusal(400, "The body must hold rca_source_data with its type.")
        title = f"Root cause of {source['type']} {number}"
        made = self._new(title, rca={"id": number, **source})
        event = self._event_of(number, source["type"])
        if event is None:
            return made
        day = self._day(source, number)
        first, last = day - timedelta(days=AROUND), day + timedelta(days=AROUND)
        days: dict[str, Any] = {"from_date": first.isoformat(), "to_date": last.isoformat()}
        made = self._add(made, event, insights(event, **days))
        return self._add(made, f"{event}: users", insights(event, math="unique", **days))

    def _event_of(self, number: Any, kind: str) -> str | None:
        """The event behind a source; sources that are no anomalies are kept as they are."""
        if kind != "anomaly":
            return None
        for row in self._governance.computed():
            if row["id"] == number:
                return str(row["eventName"])
        raise Refusal(404, f"There is no anomaly {number} at {ANOMALIES}.")

    def _day(self, source: Mapping[str, Any], number: int) -> date:
        try:
            return date.fromisoformat(str(source.get("date"))[:10])
        except ValueError:
            found = (row["timestamp"] for row in self._governance.computed() if row["id"] == number)
            return date.fromisoformat(next(found))

    def _metrics(self, request: Request, keys: Keys) -> dict[str, Any]:
        """The reports of a dashboard, as what an experiment could measure."""
        cards = self._row(keys[0]).get("contents") or []
        numbers = [str(card["id"]) for card in cards if card["type"] == "report"]
        rows = [row for n in numbers if (row := self._entities.find(REPORTS, n)) is not None]
        return {"metrics": [{"id": row["id"], "name": row["name"]} for row in rows]}

    def _card(self, kind: str) -> Callable[[Request, Keys], Any]:
        """A change of a card of some kind."""

        def change(request: Request, keys: Keys) -> dict[str, Any]:
            row = self._row(keys[0])
            cards = row.get("contents") or []
            found = [c for c in cards if c["type"] == kind and str(c["id"]) == keys[1]]
            if not found:
                raise Refusal(404, f"There is no {kind} {keys[1]} on the dashboard {keys[0]}.")
            sent = {("link_type" if k == "type" else k): v for k, v in request.fields.items()}
            row["contents"] = [{**c, **sent} if c in found else c for c in cards]
            self._keep(row)
            return {}

        return change

    def _new(self, title: str, **more: Any) -> Row:
        number = self._entities.new_id()
        named = {"id": number, "title": title, "project_id": self._project.identity.project_id}
        plain = {"description": "", "is_private": False, "is_favorited": False, "contents": []}
        return self._entities.put(DASHBOARDS, str(number), {**named, **plain, **more}, "created")

    def _add(self, row: Row, name: str, question: Question) -> Row:
        """A dashboard with one more report."""
        number = self._entities.new_id()
        report = {
            "id": number,
            "name": name,
            "type": KINDS[question.kind],
            "description": "",
            "project_id": self._project.identity.project_id,
            "dashboard_id": row["id"],
            "params": params_json.build(question, today=self._project.now().date()),
        }
        self._entities.put(REPORTS, str(number), report, "created")
        return self._keep({**row, "contents": [*row["contents"], {"type": "report", "id": number}]})

    def _keep(self, row: Row) -> Row:
        return self._entities.put(DASHBOARDS, str(row["id"]), row, "updated")

    def _row(self, key: str) -> Row:
        row = self._entities.find(DASHBOARDS, key)
        if row is None:
            raise Refusal(404, f"There is no dashboards {key} in this project.")
        return row

    def _frequent(self) -> tuple[str, str]:
        """The two most frequent events; the same twice where there is one."""
        store = self._project.store()
        counts = np.bincount(store.event, minlength=len(store.events)).tolist()
        order = sorted(zip(store.events, counts, strict=True), key=lambda row: (-row[1], row[0]))
        names = [name for name, count in order if count and not name.startswith("$")]
        if not names:
            raise Refusal(400, "A template needs events, and this project has none.")
        return names[0], names[min(1, len(names) - 1)]
