"""What the guides' examples need to run over the demo shop: other names, small edits, and reasons.

A block is named ``guide/number``, counted from zero within its guide.
"""

from __future__ import annotations

from typing import Any

from tests.guides.restore import END

NAMES: dict[str, str] = {
    "Login": "Open App",
    "Signup": "Sign Up",
    "Browse": "View Item",
    "View Product": "View Item",
    "View": "View Item",
    "Click": "Add to Cart",
    "Checkout": "Start Checkout",
    "Cart Viewed": "Start Checkout",
    "API Call": "Contact Support",
    "Support Ticket": "Contact Support",
    "Session Start": "Open App",
    "Page View": "View Item",
    "Heartbeat": "Search",
    "Logout": "Cancel Subscription",
    "Refund": "Contact Support",
    "Remove from Cart": "Search",
    "Create Account": "Sign Up",
    "Verify Email": "Open App",
    "Complete Profile": "Search",
    "First Action": "View Item",
    "Activate": "Open App",
    "Complete Onboarding": "Search",
    "Upgrade": "Purchase",
    "Checkout Error": "Start Checkout",
    "Feature A Used": "Search",
    "Feature B Used": "View Item",
    "Feature C Used": "Add to Cart",
    "Feature A": "Search",
    "Feature B": "View Item",
    # properties
    "revenue": "amount",
    "quantity": "results",
    "source": "campaign",
    "organic": "Newsletter",
    "priority": "topic",
    "is_premium": "gift",
    "item_count": "price",
    "item_price": "price",
    "duration_ms": "minutes_to_answer",
    "session_duration": "minutes_to_answer",
    "product_id": "item",
    "created": "delivery_date",
    "signup_date": "delivery_date",
    "coupon_code": "coupon",
    "referrer": "payment",
    "utm_source": "gift",
    "plan_tier": "plan",
    "ltv": "lifetime_value",
    "company": "campaign",
    "premium": "plus",
    "Brand": "category",
    "Category": "item",
    "Price": "price",
    # days beyond the shop's
    "2026-01-01": "2025-05-01",
    "2026-01-31": "2025-05-31",
    "2025-12-31": "2025-03-31",
}
"""A name, a value or a day of the guides → one that the demo shop has."""

PREVIOUS = 'time_comparison="previous_period"'

EDITS: dict[str, list[tuple[str, str]]] = {
    # The text is no period: mpnb refuses it, see docs/decisions.md.
    "04/1": [(PREVIOUS, "time_comparison=mp.TimeComparison.relative('month')")],
    # After two steps the shop's funnel is not reached at these places.
    "04/17": [("Purchase@3", "Add to Cart@2"), ("Add to Cart@2", "View Item@1")],
    "04/19": [(" UniqueDotExporter(root)", f"{END} UniqueDotExporter(root)"), ("picture", "dotfile")],
    "04/33": [("filter activated", f"filter {END} activated")],
    "06/24": [("cart.Brand result", f"cart.Brand {END} result")],
    "09/21": [("Purchase@3", "Add to Cart@2"), ("Add to Cart@2", "View Item@1")],
    "09/27": [("to_picture", "to_dotfile")],  # no Graphviz needed
    "09/32": [("from signup", f"from signup {END}")],
    "09/38": [("Session End", "Session Start")],
}
"""Changes to the text of a block: where comments end, and what only another place has."""

BEFORE: dict[str, str] = {
    "04/17": "result = ws.query_flow('Signup', forward=4, cardinality=10)",
    "04/19": "result = ws.query_flow('Purchase', mode='tree')",
    "04/30": "some_bookmark_dict = ws.build_params('Login')",
    "09/20": "result = ws.query_flow('Signup', forward=4, cardinality=10)",
    "09/21": "result = ws.query_flow('Signup', forward=4, cardinality=10)",
    "09/25": "root = ws.query_flow('Sign Up', mode='tree', cardinality=50, forward=5).anytree[0]",
    "09/26": "root = ws.query_flow('Sign Up', mode='tree', cardinality=50, forward=5).anytree[0]",
}
"""Code that runs before a block: what its guide takes as given."""

SHELL = "commands of the shell, which belong to the `mp` command line"

NOT_RUN: dict[str, str] = {}
"""Blocks that are not run, each with its reason; those of the shell are recognised by themselves."""

SETTINGS: dict[str, Any] = {
    "group_keys": [{"id": 42, "key": "country"}],
    "cohorts": [123, 456, 789, 12345, 67890],
    "custom_properties": [
        {"id": 42, "formula": "A * 2", "inputs": {"A": "amount"}, "type": "number"}
    ],
}
"""Groups, cohorts (by id) and custom properties that the guides refer to as saved."""
