"""The shop in the form that the local store takes: one block of rows, and profiles.

Enters: people and their log. Leaves: what `assemble` sorts and writes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from mpnb.engine.duckdb.load.blocks import Block, Piece, code_type, compact
from mpnb.engine.duckdb.load.profiles import Profiles
from mpnb.shop.events import EVENTS, FIRST_DAY, ITEMS, PURCHASE, Column, Log
from mpnb.shop.noise import Ints, between, pick, uniform
from mpnb.shop.people import CAMPAIGNS, COUNTRIES, PLANS, PLATFORMS, People

FIRST_NAMES = ["Ada", "Ben", "Chloé", "Dara", "Emil", "Fatou", "Goro", "Hana", "Iris", "João"]
LAST_NAMES = ["Abe", "Berg", "Costa", "Diaz", "Egan", "Fox", "Green", "Haas", "Ito", "Jones"]
CATEGORIES = sorted({category for _, category, _ in ITEMS})


def block(log: Log) -> Block:
    """The events as one block."""
    count = len(log.event)
    return Block(
        clock=log.seconds * 1000,
        order=np.arange(count, dtype=np.int64),
        event=_piece(log.event + 1, EVENTS),
        ids=_piece(log.person + 1, [identifier(p) for p in range(int(log.person.max()) + 1)]),
        properties={name: _property(column) for name, column in log.columns.items()},
    )


def identifier(person: int) -> str:
    """The distinct_id of a person."""
    return f"u{person:05d}"


def _tokens(values: list[Any]) -> pa.Array:
    return pa.array([orjson.dumps(value) for value in values], pa.large_binary())


def _piece(codes: Ints, values: list[Any]) -> Piece:
    return Piece(None, codes.astype(code_type(len(values))), _tokens(values))


def _property(column: Column) -> Piece:
    """Numbers and codes alike become codes into distinct values, on the rows that have one."""
    if isinstance(column, tuple):
        codes, values = column[0], column[1][1:]
    else:
        known, where = np.unique(column[~np.isnan(column)], return_inverse=True)
        codes = np.zeros(len(column), np.int64)
        codes[~np.isnan(column)] = where + 1
        values = [int(v) if v == int(v) else v for v in known.tolist()]
    rows = np.flatnonzero(codes).astype(np.int32)
    return compact(rows, codes[rows].astype(np.int32), _tokens(values), len(codes))


def profiles(people: People, log: Log) -> Profiles:
    """What is known of each person at the end of the half-year."""
    count = len(people.joined)
    person = np.arange(count, dtype=np.int64)
    bought = log.event == PURCHASE
    amount = log.columns["amount"]
    assert not isinstance(amount, tuple)
    spent = np.bincount(log.person[bought], amount[bought], minlength=count)
    orders = np.bincount(log.person[bought], minlength=count)
    created = np.datetime64("1970-01-01") + (FIRST_DAY + people.joined)
    born = np.datetime64("1955-01-01") + between("born", person, 0, 365 * 50)
    has_birthday = uniform("tells birthday", person) < 0.7
    opted = pick("newsletter", person, [45, 40, 15])
    liked = [pick(f"likes {n}", person, [1.0] * len(CATEGORIES)) for n in range(3)]
    likes = between("likes", person, 0, 3)
    names = pick("first name", person, [1.0] * 10), pick("last name", person, [1.0] * 10)
    records: list[dict[str, Any]] = []
    for p in range(count):
        first, last = FIRST_NAMES[names[0][p]], LAST_NAMES[names[1][p]]
        properties = {
            "$name": f"{first} {last}",
            "$email": f"{identifier(p)}@example.com",
            "$created": str(created[p]),
            "plan": PLANS[people.plan[p]],
            "country": COUNTRIES[people.country[p]],
            "platform": PLATFORMS[people.platform[p]],
            "campaign": CAMPAIGNS[people.campaign[p]],
            "birthday": str(born[p]) if has_birthday[p] else None,
            "newsletter": (True, False, None)[opted[p]],
            "favourites": sorted({CATEGORIES[liked[n][p]] for n in range(likes[p])}),
            "orders": int(orders[p]),
            "lifetime_value": round(float(spent[p]), 2),
        }
        known = {name: value for name, value in properties.items() if value is not None}
        records.append({"$distinct_id": identifier(p), "$properties": known})
    return Profiles.of(records)
