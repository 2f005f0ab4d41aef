"""The shop's events: what each visit leaves in the log, as columns.

Enters: people and visits. Leaves: a `Log`, one row per event in order of person and time. The
surprise: a property column is either numbers (NaN where the event has none) or codes into a list
of values whose first is None, the same two shapes that the local store keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpnb.shop.noise import Flags, Floats, Ints, between, pick, uniform
from mpnb.shop.people import CAMPAIGNS, COUNTRIES, DAYS, PLANS, PLATFORMS, SALE, People
from mpnb.shop.visits import VERSIONS, Visits

FIRST_DAY = 20_089
"""2025-01-01, counted in days from 1970-01-01."""

EVENTS = [
    "Sign Up",
    "Open App",
    "Search",
    "View Item",
    "Add to Cart",
    "Start Checkout",
    "Purchase",
    "Contact Support",
    "Cancel Subscription",
]
SIGN_UP, OPEN, SEARCH, VIEW, CART, CHECKOUT, PURCHASE, SUPPORT, CANCEL = range(len(EVENTS))

ITEMS: list[tuple[str, str, float]] = [
    ("Rain Jacket", "Outdoor", 119.0),
    ("Trail Shoes", "Outdoor", 134.5),
    ("Day Pack 20 L", "Outdoor", 79.9),
    ("Head Torch", "Outdoor", 34.0),
    ("Wool Socks", "Outdoor", 14.5),
    ("Camp Stove", "Outdoor", 64.0),
    ("Chef's Knife", "Kitchen", 89.0),
    ("Cast-Iron Pan", "Kitchen", 54.9),
    ("Espresso Maker", "Kitchen", 42.0),
    ("Cutting Board", "Kitchen", 27.5),
    ("Apron", "Kitchen", 22.0),
    ("Tea Kettle", "Kitchen", 39.9),
    ("Desk Lamp", "Home", 49.0),
    ("Linen Bedding", "Home", 149.0),
    ("Wall Clock", "Home", 31.0),
    ("Plant Pot", "Home", 18.9),
    ("Floor Rug", "Home", 99.0),
    ("Candle Set", "Home", 16.5),
    ("Wireless Earbuds", "Electronics", 129.0),
    ("Power Bank", "Electronics", 38.0),
    ("USB-C Cable", "Electronics", 11.9),
    ("Smart Plug", "Electronics", 24.0),
    ("E-Reader", "Electronics", 159.0),
    ("Yoga Mat", "Sport", 36.0),
    ("Skipping Rope", "Sport", 12.5),
    ("Running Belt", "Sport", 21.0),
    ("Foam Roller", "Sport", 26.9),
    ("Notebook A5", "Paper", 9.5),
    ("Fountain Pen", "Paper", 44.0),
    ("Gift Wrap", "Paper", 4.9),
]
_POPULAR = [2.4 if price < 40 else 1.0 + 40 / price for _, _, price in ITEMS]
QUERIES = ["jacket", "shoes", "gift", "lamp", "kettle", "earbuds", "socks", "mat", "pan", "pen"]
TOPICS = ["Payment failed", "Delivery", "Return", "Account", "Other"]
REASONS = ["Too expensive", "Not using it", "Missing a feature", "Other"]
PAYMENTS = ["Card", "PayPal", "Apple Pay", "Invoice"]
COUPONS = ["WELCOME10", "SPRING25", "FRIEND5"]

Column = Floats | tuple[Ints, list[Any]]


@dataclass(frozen=True)
class Log:
    """All events of the shop, column by column."""

    event: Ints
    """Code into `EVENTS`."""
    person: Ints
    seconds: Ints
    """Unix time in whole seconds, as exports carry it."""
    columns: dict[str, Column]


@dataclass(frozen=True)
class _Rows:
    """Events before they are put in order: which visit, what, how far into it, the item's slot."""

    visit: Ints
    event: Ints
    slot: Ints
    place: Ints
    """Order inside the visit; a place is nine seconds."""


def _repeated(counts: Ints) -> tuple[Ints, Ints]:
    visit = np.repeat(np.arange(len(counts)), counts)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    return visit, np.arange(len(visit)) - starts


def _some(event: int, counts: Ints, first: int, step: int, shift: Ints | None = None) -> _Rows:
    visit, slot = _repeated(counts)
    slot = slot if shift is None else slot + shift[visit]
    return _Rows(visit, np.full(len(visit), event), slot, first + step * slot)


def _all_rows(visits: Visits) -> _Rows:
    once = np.ones(len(visits.person), dtype=np.int64)
    parts = [
        _some(SIGN_UP, visits.first * once, 0, 1),
        _some(OPEN, once, 1, 1),
        _some(SEARCH, visits.searches, 2, 4),
        _some(VIEW, visits.views, 3, 4),
        # The last items looked at are the ones that go into the cart.
        _some(CART, visits.carts, 4, 4, visits.views - visits.carts),
        _some(CHECKOUT, visits.checkout * once, 60, 1),
        _some(PURCHASE, visits.purchase * once, 66, 1),
        _some(SUPPORT, visits.support * once, 80, 1),
        _some(CANCEL, visits.cancel * once, 90, 1),
    ]
    names = ("visit", "event", "slot", "place")
    return _Rows(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))


def _item(visit: Ints, slot: Ints) -> Ints:
    return pick("item", visit * 16 + slot, _POPULAR)


def _on_sale(visits: Visits, visit: Ints, item: Ints) -> Flags:
    """A fifth of the items is reduced at any time; in the spring sale, half of them."""
    share = np.where(np.isin(visits.day[visit], list(SALE)), 0.5, 0.2)
    week = visits.day[visit] // 7
    return uniform("reduced", item * 64 + week) < share


def _price(item: Ints, reduced: Flags) -> Floats:
    full = np.array([price for _, _, price in ITEMS])[item]
    price: Floats = np.where(reduced, full * 0.75, full)
    return price.round(2)


def _codes(where: Flags, codes: Ints, values: Sequence[Any]) -> tuple[Ints, list[Any]]:
    """A dictionary column that is undefined outside `where`."""
    missing = np.array([value is None for value in values])
    put = np.where(where & ~missing[codes], codes + 1, 0)
    return put, [None, *values]


def _carts(visits: Visits) -> tuple[list[list[dict[str, Any]]], Floats]:
    """What each visit holds at checkout, as a list of objects, and what it costs."""
    counts = visits.carts * visits.checkout
    visit, slot = _repeated(counts)
    slot = slot + (visits.views - visits.carts)[visit]
    item = _item(visit, slot)
    price = _price(item, _on_sale(visits, visit, item))
    quantity = 1 + (uniform("quantity", visit * 16 + slot) < 0.15)
    cost: Floats = price * quantity
    total: Floats = np.bincount(visit, cost, minlength=len(counts)).astype(np.float64)
    lines: list[list[dict[str, Any]]] = [[] for _ in range(len(counts))]
    columns = zip(visit.tolist(), item.tolist(), price.tolist(), quantity.tolist(), strict=True)
    for v, i, p, q in columns:
        name, category, _ = ITEMS[i]
        lines[v].append({"item": name, "category": category, "price": p, "quantity": int(q)})
    return lines, total.round(2)


def _cart_column(where: Flags, visit: Ints, carts: list[Any]) -> tuple[Ints, list[Any]]:
    """Equal carts share one code."""
    seen: dict[str, int] = {}
    values: list[Any] = [None]
    codes = np.zeros(len(carts), dtype=np.int64)
    for v, cart in enumerate(carts):
        key = repr(cart)
        if cart and key not in seen:
            seen[key] = len(values)
            values.append(cart)
        codes[v] = seen[key] if cart else 0
    return np.where(where, codes[visit], 0), values


def log(people: People, visits: Visits) -> Log:
    """Make every event, with its properties."""
    rows = _all_rows(visits)
    person = visits.person[rows.visit]
    spread = between("pause", rows.visit * 128 + rows.place, 0, 8)
    midnight = (FIRST_DAY + visits.day[rows.visit]) * 86_400
    seconds = midnight + visits.second[rows.visit] + rows.place * 9 + spread
    order = np.lexsort((rows.place, seconds, person))
    order = order[seconds[order] < (FIRST_DAY + DAYS) * 86_400]  # a visit may run past the end
    rows = _Rows(rows.visit[order], rows.event[order], rows.slot[order], rows.place[order])
    person, seconds = person[order], seconds[order]
    columns = {**_who(people, visits, rows, person), **_what(visits, rows)}
    return Log(rows.event, person, seconds, columns)


def _who(people: People, visits: Visits, rows: _Rows, person: Ints) -> dict[str, Column]:
    everywhere = np.ones(len(person), dtype=np.bool_)
    return {
        "platform": _codes(everywhere, people.platform[person], PLATFORMS),
        "country": _codes(everywhere, people.country[person], COUNTRIES),
        "plan": _codes(everywhere, people.plan[person], PLANS),
        "app_version": _codes(people.platform[person] > 0, visits.version[rows.visit], VERSIONS),
        "campaign": _codes(rows.event == SIGN_UP, people.campaign[person], CAMPAIGNS),
    }


def _what(visits: Visits, rows: _Rows) -> dict[str, Column]:
    event, visit, key = rows.event, rows.visit, rows.visit * 128 + rows.place
    shown = (event == VIEW) | (event == CART)
    at_till = (event == CHECKOUT) | (event == PURCHASE)
    item = _item(visit, rows.slot)
    reduced = _on_sale(visits, visit, item)
    carts, total = _carts(visits)
    delivery = visits.day[visit] + between("delivery", visit, 2, 6)
    first, last = np.datetime64("2025-01-01"), np.datetime64("2025-07-10")
    dates = [str(day) for day in np.arange(first, last)]
    reduced_values: tuple[Any, ...] = (False, True)
    return {
        "item": _codes(shown, item, [name for name, _, _ in ITEMS]),
        "category": _codes(shown, item, [category for _, category, _ in ITEMS]),
        "price": np.where(shown, _price(item, reduced), np.nan),
        "on_sale": _codes(shown, reduced.astype(np.int64), reduced_values),
        "query": _codes(
            event == SEARCH, pick("query", key, [5, 4, 9, 3, 3, 4, 2, 2, 2, 1]), QUERIES
        ),
        "results": np.where(event == SEARCH, between("results", key, 0, 48), np.nan),
        "cart": _cart_column(at_till, visit, carts),
        "amount": np.where(at_till, total[visit], np.nan),
        "payment": _codes(event == PURCHASE, pick("payment", visit, [58, 24, 13, 5]), PAYMENTS),
        "coupon": _codes(
            (event == PURCHASE) & (uniform("has coupon", visit) < 0.22),
            pick("coupon", visit, [5, 3, 2]),
            COUPONS,
        ),
        "gift": _codes(
            event == PURCHASE, (uniform("gift", visit) < 0.11).astype(np.int64), reduced_values
        ),
        "delivery_date": _codes(event == PURCHASE, delivery, dates),
        "topic": _codes(event == SUPPORT, pick("topic", visit, [38, 24, 19, 11, 8]), TOPICS),
        "minutes_to_answer": np.where(event == SUPPORT, between("answer", visit, 2, 240), np.nan),
        "reason": _codes(event == CANCEL, pick("reason", visit, [41, 30, 18, 11]), REASONS),
    }
