"""A home of its own for each test, and no waiting between attempts."""

from __future__ import annotations

import pytest

from tests.account.conftest import home

__all__ = ["home"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpnb.engine.mixpanel.transport.backoff", lambda tried: 0.0)
    monkeypatch.setattr("mpnb.engine.mixpanel.transport.PATIENCE", 1)
