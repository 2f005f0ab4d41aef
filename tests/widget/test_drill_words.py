"""A segment in the words of a question: filters that keep it and nothing else."""

from __future__ import annotations

import pytest

import mpnb as mp
from mpnb.query.breakdown import GroupBy
from mpnb.query.insights import insights
from mpnb.widget.carding import Card
from mpnb.widget.drill import found

START = 1_735_689_600  # 2025-01-01 UTC
FEW = [-3, -2.5, 0, 0.1, 2, 2, 7.25, None]
MANY = [*FEW, *(n / 7 - 4 for n in range(80)), 1e-7, 123456789.5]


def shop(prices: list[float | None]) -> mp.Workspace:
    rows = [
        {"event": "Buy", "properties": {"time": START + n * 600, "distinct_id": f"u{n % 9}"}
         | ({} if price is None else {"price": price})}
        for n, price in enumerate(prices)
    ]  # fmt: skip
    return mp.local(rows, now="2025-01-03T00:00:00+00:00")


@pytest.mark.parametrize("prices", [FEW, MANY])
@pytest.mark.parametrize(
    "by",
    [
        GroupBy("price", "number"),
        GroupBy("price", "number", bucket_size=2, bucket_min=-1, bucket_max=6),
        GroupBy("price", "number", bucket_size=0.1, bucket_min=0, bucket_max=0.5),
    ],
)
def test_a_numeric_segment_alone_is_the_segment(prices: list[float | None], by: GroupBy) -> None:
    ws = shop(prices)
    card = Card(
        ws.ask(insights("Buy", from_date="2025-01-01", to_date="2025-01-02", group_by=by)), ws
    )
    frame = card.frame()
    checked = set()
    for at in range(len(frame)):
        (drill,) = card.drills(at)
        assert drill.question is not None, drill.note
        assert found(drill, ws.ask(drill.question)) == frame["count"].iloc[at] == drill.expects
        checked.add(frame["segment"].iloc[at])
    assert len(checked) >= 4
    assert "(not set)" in checked


def test_a_label_that_is_no_number_is_not_made_one() -> None:
    ws = shop(FEW)
    result = ws.ask(insights("Buy", group_by=GroupBy("price", "number")))
    card = Card(result, ws)
    frame = card.frame().copy()
    frame.loc[frame.index[0], "segment"] = "about 5"
    card.frame = lambda: frame  # type: ignore[method-assign]  # an answer that none of ours gives
    (drill,) = card.drills(0)
    assert drill.question is None
    assert "about 5" in drill.note
