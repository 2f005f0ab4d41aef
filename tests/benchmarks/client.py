"""What a workspace costs before Mixpanel answers: making one, a cached question, another project.

Enters: nothing. Leaves: seconds by name, and the requests that switching took. The surprise: all of
it is measured against a real server on loopback, so that a request that should not be is seen.

    python -m tests.benchmarks.client
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable

import mpnb
from tests.streaming.server import Answer, Asked, serving

ANSWER = {
    "series": {"Login": {f"2025-01-{day:02}": day for day in range(1, 32)}},
    "headers": ["$event"],
    "computed_at": "2025-02-01T00:00:00",
    "date_range": {"from_date": "2025-01-01", "to_date": "2025-01-31"},
}
REPEATS = 30


def answer(asked: Asked) -> Answer:
    """The same answer to every question."""
    return Answer(json.dumps(ANSWER).encode())


def session() -> mpnb.Session:
    """Who asks, and where."""
    account = mpnb.ServiceAccount(name="b", region="us", username="u", secret="s")  # type: ignore[arg-type]
    return mpnb.Session(account=account, project=mpnb.Project(id="1", timezone="UTC"))


def typical(work: Callable[[int], object]) -> float:
    """The middle of several times, in seconds."""
    times = []
    for turn in range(REPEATS):
        begun = time.perf_counter()
        work(turn)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def measure() -> dict[str, float]:
    """All of it."""
    with tempfile.TemporaryDirectory() as state, serving(answer) as server:
        os.environ |= {"MPNB_HOME": state, "MP_API_BASE_URL": server.url}
        whose, made = session(), list[mpnb.Workspace]()
        construct = typical(lambda _: made.append(mpnb.Workspace(session=whose)))

        def ask(turn: int) -> object:
            return made[turn].query("Login", from_date="2025-01-01", to_date="2025-01-31")

        ask(0)
        before = len(server.asked)
        opened = typical(ask)  # each in a workspace of its own: the cache is on the disk
        cached = typical(lambda _: ask(0))
        switch = typical(lambda turn: made[0].use(project=str(2 + turn)))
        requests = len(server.asked) - before
        for one in made:
            one.close()
    return {
        "construct": construct,
        "cached": cached,
        "opened": opened,
        "switch": switch,
        "requests": requests,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
