"""The last value that is taken and the first that is not, for every number with a bound."""

from __future__ import annotations

from typing import Any

import pytest

from mpnb.errors import BookmarkValidationError, MixpanelHeadlessError
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.users import users

EDGES: list[tuple[Any, str, Any, Any]] = [
    (lambda v: insights("A", last=v), "last", 1, 0),
    (lambda v: insights("A", last=v), "last", 3650, 3651),
    (lambda v: insights("A", rolling=v), "rolling", 1, 0),
    (lambda v: insights("A", rolling=v), "rolling", 365, 366),
    (lambda v: funnel(["A"] * v), "steps", 2, 1),
    (lambda v: funnel(["A"] * v), "steps", 100, 101),
    (lambda v: funnel(["A", "B"], conversion_window=v), "conversion_window", 1, 0),
    (lambda v: funnel(["A", "B"], conversion_window=v), "conversion_window", 367, 368),
    (lambda v: funnel(["A", "B"], holding_constant=["p"] * v), "holding_constant", 3, 4),
    (lambda v: retention("A", "B", bucket_sizes=list(range(1, v + 1))), "bucket_sizes", 730, 731),
    (lambda v: flow("A", forward=v), "forward", 5, 6),
    (lambda v: flow("A", reverse=v), "reverse", 5, 6),
    (lambda v: flow("A", cardinality=v), "cardinality", 1, 0),
    (lambda v: flow("A", cardinality=v), "cardinality", 50, 51),
    (lambda v: users(mode="profiles", parallel=True, workers=v), "workers", 1, 0),
    (lambda v: users(mode="profiles", parallel=True, workers=v), "workers", 5, 6),
    (lambda v: users(mode="profiles", limit=v), "limit", 1, 0),
]


@pytest.mark.parametrize(
    ("ask", "name", "last", "beyond"),
    EDGES,
    ids=lambda value: None if callable(value) else str(value),
)
def test_the_bound_is_where_it_is_said(ask: Any, name: str, last: int, beyond: int) -> None:
    assert ask(last)
    with pytest.raises(MixpanelHeadlessError) as caught:
        ask(beyond)
    findings = caught.value.errors if isinstance(caught.value, BookmarkValidationError) else []
    assert not findings or name in {found.path.partition("[")[0] for found in findings}
