"""Answers: raw JSON of an engine enters, typed frozen results with ``.df`` leave.

``result.read`` is the one door for the five kinds of question; the readers for Mixpanel's older
endpoints and for discovery are plain functions in ``legacy``, ``saved`` and ``discovery``. The
surprise: nothing here imports pandas, networkx or anytree until a frame, graph or tree is
asked for.
"""

from mpnb.result.base import Provenance, ResultWithDataFrame
from mpnb.result.read import TypedResult, read

__all__ = ["Provenance", "ResultWithDataFrame", "TypedResult", "read"]
