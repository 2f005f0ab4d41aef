"""The builder by its messages: edits, the chart that follows, cells that move it, saving."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

import mpnb as mp
from mpnb import text
from mpnb.engine.duckdb.context import Context
from mpnb.engine.halting import HaltedError
from mpnb.errors import ParamValidationError
from mpnb.query.announce import Asked, announce
from mpnb.widget.builder import Builder, build, edit

DAY = 86_400
START = 1_735_689_600  # 2025-01-01 UTC


@pytest.fixture
def shop() -> mp.Workspace:
    rows = [
        {"event": name, "properties": {"time": START + n * DAY + at, "distinct_id": f"u{n % 4}",
         "price": n, "plan": "pro" if n % 2 else "free"}}
        for n in range(14) for at, name in enumerate(("View", "Buy"))
    ]  # fmt: skip
    return mp.local(rows, now="2025-01-15T00:00:00+00:00")


def charts(shown: Any, least: int = 1) -> list[dict[str, Any]]:
    """The charts that were told, once there are some."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = [view["chart"] for view in shown.views() if "chart" in view]
        if len(found) >= least:
            return found
        time.sleep(0.01)
    raise AssertionError(f"no chart: {shown.views()}")


def test_it_begins_with_a_form_and_a_chart(shop: mp.Workspace, page: Any) -> None:
    shown = page(Builder(shop, "funnel"))
    first = shown.ask("begin")
    assert first["kinds"] == ["insights", "funnel", "retention", "flow", "users"]
    assert (first["local"], first["cost"], first["right"]) == (True, 0, True)
    (chart,) = charts(shown)
    assert chart["svg"].startswith("<svg")
    assert chart["summary"]
    assert chart["rows"]


def test_an_edit_moves_text_and_chart(shop: mp.Workspace, page: Any) -> None:
    built = Builder(shop, text.parse('"Buy"', "insights"))
    shown = page(built)
    view = shown.ask("edit", edit="add", path=["group_by"], key="GroupBy")
    assert not view["right"]
    assert built.text == '%%mpquery insights\n"Buy"'
    view = shown.ask("edit", edit="change", path=["group_by", 0, "property"], value="plan")
    assert view["forms"]["text"]["text"] == built.text == '%%mpquery insights\n"Buy"\nby plan'
    assert 'group_by="plan"' in view["forms"]["python"]["text"].replace("'", '"')
    assert "sections" in view["forms"]["params"]["text"]
    assert "pro" in str(charts(shown)[-1]["head"])
    assert shown.ask("undo")["undo"] == 1
    assert shown.ask("redo")["redo"] == 0


def test_wrong_cell_text_is_said_with_its_place(shop: mp.Workspace, page: Any) -> None:
    shown = page(Builder(shop, "insights"))
    answer = shown.say("edit", edit="write", source='"Buy" wher plan = "pro"')
    assert "^" in answer["failed"]["message"]
    answer = shown.say("edit", edit="rename", name="1x")
    assert "no name in Python" in answer["failed"]["message"]
    assert "failed" in shown.say("edit", edit="__init__", name="x")
    assert "failed" in shown.say("edit", edit="change", path=["nothing", 3], value=1)


def test_the_newest_question_wins(
    shop: mp.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, asked, ask = threading.Event(), [], shop.ask

    def slow(question: Any) -> Any:
        asked.append(question.unit)
        free.wait(10)
        return ask(question)

    monkeypatch.setattr(shop, "ask", slow)
    built = Builder(shop, text.parse('"Buy"', "insights"))
    shown = page(built)
    for unit in ("week", "month", "quarter", "hour"):
        shown.ask("edit", edit="change", path=["unit"], value=unit)
    free.set()
    charts(shown)
    time.sleep(0.1)
    assert len(charts(shown)) == 1
    assert asked[-1] == "hour"
    assert len(asked) <= 2
    assert built.result.query.unit == "hour"


def test_a_running_question_can_be_let_go(
    shop: mp.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, ask = threading.Event(), shop.ask
    done = threading.Event()

    def slow(question: Any) -> Any:
        free.wait(10)
        done.set()
        return ask(question)

    monkeypatch.setattr(shop, "ask", slow)
    shown = page(Builder(shop, "insights"))
    shown.ask("run")
    shown.ask("stop")
    free.set()
    done.wait(10)
    time.sleep(0.1)
    assert not [view for view in shown.views() if "chart" in view]
    shown.ask("run")
    assert charts(shown)


def test_stop_halts_the_question_itself(
    shop: mp.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only its answer: after the pass that runs there is no other."""
    passes, at_first, go_on, note = [], threading.Event(), threading.Event(), Context.note

    def slow(self: Context, step: str) -> None:
        note(self, step)
        passes.append(step)
        at_first.set()
        go_on.wait(10)

    monkeypatch.setattr(Context, "note", slow)
    built = Builder(shop, text.parse('"Buy", "View"\nby plan', "insights"))
    shown = page(built)
    shown.ask("run")
    assert at_first.wait(10)
    shown.ask("stop")
    go_on.set()
    with built._running:  # it is let go of as soon as the question has ended
        assert len(passes) == 1
    assert not [view for view in shown.views() if "chart" in view]
    shown.ask("run")
    assert "failed" not in charts(shown)[0]
    assert len(passes) > 2, "there was more to do"


def test_a_newer_edit_halts_the_older_question(
    shop: mp.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    at_first, go_on, ask, note = threading.Event(), threading.Event(), shop.ask, Context.note

    def told(question: Any) -> Any:
        try:
            answer = ask(question)
        except HaltedError:
            ended.append("halted")
            raise
        ended.append("answered")
        return answer

    def slow(self: Context, step: str) -> None:
        at_first.set()
        go_on.wait(10)
        note(self, step)

    monkeypatch.setattr(shop, "ask", told)
    monkeypatch.setattr(Context, "note", slow)
    shown = page(Builder(shop, text.parse('"Buy"', "insights")))
    shown.ask("run")
    assert at_first.wait(10)
    shown.ask("edit", edit="change", path=["unit"], value="week")
    go_on.set()
    charts(shown)
    assert ended == ["halted", "answered"]


def test_looking_up_a_million_values_leaves_the_builder_free(
    shop: mp.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, looking, call = threading.Event(), threading.Event(), shop.engine.call

    def slow(method: str, arguments: Any) -> Any:
        if method != "property_values":
            return call(method, arguments)
        looking.set()
        go_on.wait(10)
        return [f"value {n}" for n in range(1_000_000)]

    monkeypatch.setattr(shop.engine, "call", slow)
    shown = page(Builder(shop, text.parse('"Buy"\nwhere plan = "pro"', "insights")))
    about = {"path": ["where", 0, "value", 0], "picks": "value", "word": "7"}
    shown.widget._heard(shown.widget, {"do": "choices", "seq": "look", "args": about}, [])
    assert looking.wait(10)
    assert shown.ask("edit", edit="rename", name="mine")["name"] == "mine", "edits go on meanwhile"
    go_on.set()
    found = shown.ask("choices", **about)
    assert len(found) == 50
    assert all("7" in row["value"] for row in found)


def test_an_engine_error_is_shown(
    shop: mp.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(question: Any) -> Any:
        raise ParamValidationError("the disk is gone")

    monkeypatch.setattr(shop, "ask", broken)
    shown = page(Builder(shop, "insights"))
    shown.ask("run")
    assert charts(shown)[0]["failed"]["message"] == "the disk is gone"


def test_cells_move_all_builders_of_their_name_and_lose_nothing(
    shop: mp.Workspace, page: Any
) -> None:
    asked = text.parse('"Buy"', "insights")
    one, two, other = (Builder(shop, asked, name) for name in ("x", "x", "y"))
    shown = [page(one), page(two), page(other)]
    shown[0].ask("edit", edit="add", path=["group_by"], key="GroupBy")
    unfinished = one.data.state
    moved = text.parse('"View"\nby plan', "insights")
    announce(Asked(moved, "x"))
    assert one.data.question == two.data.question == moved
    assert other.data.question == asked
    assert [view for view in shown[1].views() if "moved" in view]
    assert shown[0].ask("undo")["right"] is False
    assert one.data.state == unfinished
    shown[2].ask("wrote", cell="c7")
    announce(Asked(moved, None, "c7"))
    assert other.data.question == moved
    assert {"cell": "c7"} in shown[2].views()


def test_what_can_be_opened(shop: mp.Workspace) -> None:
    asked = text.parse('"View" -> "Buy"', "funnel")
    assert build(shop, asked).data.question == asked
    assert build(shop, shop.ask(asked)).data.question == asked
    assert build(shop, "answer", names={"answer": shop.ask(asked)}).data.state.name == "answer"
    assert build(shop, "%%mpquery funnel f\n" + asked.to_text()).data.state.name == "f"
    assert build(shop, "retention").data.state.draft["kind"] == "retention"
    report = shop.save(asked, "My funnel")
    assert build(shop, str(report.id)).data.question == asked
    assert build(shop, "My funnel").data.question == asked
    with pytest.raises(ParamValidationError, match="no saved report"):
        build(shop, "nothing of that name")
    assert edit(asked, shop).data.question == asked
    with pytest.raises(ParamValidationError, match="Say whose data"):
        asked.edit()


def test_the_magic_opens_kinds_variables_reports_by_id_name_and_nothing_else(shell: Any) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    ws = shell.ip.user_ns["ws"]
    asked = text.parse('"Sign Up" -> "Purchase"\nwithin 3 days', "funnel")
    report = ws.save(asked, "Two words")
    shell.run('%%mpquery funnel signups --no-display\n"Sign Up" -> "Purchase"\nwithin 3 days')
    for line in ("signups", str(report.id), '"Two words"'):
        shown = shell.run(f"%mp build {line}").value
        assert shown.data.question == asked, line
        assert shown.data.state.name == ("signups" if line == "signups" else None)
        assert shown.twin() in shell.run(f"%mp build {line}").bundles[-1]["text/html"]
    assert shell.run("%mp build retention --name x").value.data.state.name == "x"
    assert shell.run("%mp build").value.data.state.draft["kind"] == "insights"
    assert "no saved report" in shell.error("%mp build signup")


def test_the_question_is_saved_as_a_report(shop: mp.Workspace, page: Any) -> None:
    built = Builder(shop, text.parse('"View" -> "Buy"', "funnel"))
    shown = page(built)
    kept = shown.ask("save", name="Kept")
    assert shop.question(kept["id"]) == built.data.question
    assert "name" in shown.say("save", name=" ")["failed"]["message"]
    shown.ask("edit", edit="add", path=["steps"], key="FunnelStep")
    assert "not finished" in shown.say("save", name="Kept")["failed"]["message"]


def test_the_twin_is_the_cell_and_the_saved_state_is_the_text(shop: mp.Workspace) -> None:
    built = Builder(shop, text.parse('"<b>Buy</b>"', "insights"))
    assert "&lt;b&gt;" in built.twin()
    assert "<b>" not in built.twin()
    assert built.plain().endswith('"<b>Buy</b>"')
    state = built.get_state()
    assert len(str({key: state[key] for key in state if not key.startswith("_")})) < 500


def test_paste_offers_the_text(shop: mp.Workspace, page: Any) -> None:
    from mpnb.widget.pending import take

    shown = page(Builder(shop, "insights"))
    shown.ask("paste", text="%%mpquery\n1")
    assert take() == "%%mpquery\n1"
