"""The shop's customers: who they are, when they signed up, how keen they are.

Leaves one array per trait, all of length `PEOPLE`, indexed by person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpnb.shop.noise import Floats, Ints, pick, uniform

PEOPLE = 46_000
DAYS = 181
"""2025-01-01 to 2025-06-30."""

SALE = range(103, 110)
"""The days of the spring sale, 14 to 20 April, counted from the first of January."""

PLATFORMS = ["Web", "iOS", "Android"]
COUNTRIES = ["US", "GB", "DE", "BR", "FR", "IN", "CA", "JP", None]
PLANS = ["free", "plus", "pro"]
CAMPAIGNS = [
    None,
    "Newsletter",
    "newsletter",
    "Search Ads",
    "search_ads",
    "Influencer",
    "influencer ",
    "Spring Sale",
    "spring_sale",
    "SPRING-SALE",
]
"""As a marketing team types them; the same campaign is spelled in several ways."""

WEEKDAY = np.array([1.06, 1.09, 1.07, 1.02, 0.97, 0.84, 0.88])
"""How busy a day is, Monday first."""

FIRST_WEEKDAY = 2
"""2025-01-01 was a Wednesday."""


@dataclass(frozen=True)
class People:
    """Traits of every person; codes point into the lists of this module."""

    joined: Ints
    """Day of sign-up counted from 2025-01-01; negative for those who were there before."""
    platform: Ints
    country: Ints
    plan: Ints
    campaign: Ints
    keenness: Floats
    """How likely a person is to come back and to buy; 1 is usual."""


def weekday(day: Ints) -> Ints:
    """Monday is 0."""
    return (day + FIRST_WEEKDAY) % 7


def _joined(person: Ints) -> Ints:
    day = np.arange(DAYS, dtype=np.int64)
    weight = (1 + 0.9 * day / DAYS) * WEEKDAY[weekday(day)]
    weight[list(SALE)] *= 1.7
    edges = np.cumsum(weight) / weight.sum()
    new = np.searchsorted(edges, uniform("joined", person), side="right")
    old = -1 - np.floor(uniform("joined before", person) * 200).astype(np.int64)
    return np.where(uniform("was there", person) < 0.2, old, np.minimum(new, DAYS - 1))


def _platform(person: Ints, joined: Ints) -> Ints:
    """People move to phones over the half-year."""
    web = 0.52 - 0.12 * np.clip(joined, 0, DAYS) / DAYS
    u = uniform("platform", person)
    return np.where(u < web, 0, np.where(u < web + (1 - web) * 0.6, 1, 2)).astype(np.int64)


def _campaign(person: Ints, joined: Ints) -> Ints:
    usual = pick("campaign", person, [46, 11, 4, 16, 7, 11, 5])
    sale = 7 + pick("sale spelling", person, [6, 3, 1])
    came_for_sale = np.isin(joined, list(SALE)) & (uniform("came for sale", person) < 0.55)
    return np.where(came_for_sale, sale, usual)


def _keenness(person: Ints, plan: Ints, campaign: Ints) -> Floats:
    by_plan = np.array([0.85, 1.25, 1.6])[plan]
    by_campaign = np.array([1.0, 1.35, 1.35, 1.05, 1.05, 0.6, 0.6, 0.8, 0.8, 0.8])[campaign]
    keen: Floats = by_plan * by_campaign * (0.6 + 0.8 * uniform("keenness", person))
    return keen


def people() -> People:
    """Make everybody."""
    person = np.arange(PEOPLE, dtype=np.int64)
    joined = _joined(person)
    plan = pick("plan", person, [70, 22, 8])
    campaign = _campaign(person, joined)
    return People(
        joined=joined,
        platform=_platform(person, joined),
        country=pick("country", person, [37, 12, 11, 9, 8, 8, 7, 5, 3]),
        plan=plan,
        campaign=campaign,
        keenness=_keenness(person, plan, campaign),
    )
