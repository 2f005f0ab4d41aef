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

BOUNDS = ("bucket_size=50", "bucket_size=50, bucket_min=0, bucket_max=500")
NO_RATE = ("{rate:.1%}", "{rate or 0:.1%}")

EDITS: dict[str, list[tuple[str, str]]] = {
    # Where a comment ends, or a loop, when the text does not tell.
    "04/19": [
        (" UniqueDotExporter(root)", f"{END} UniqueDotExporter(root)"),
        ("picture", "dotfile"),
    ],
    "04/33": [("filter activated", f"filter {END} activated")],
    "06/24": [("cart.Brand result", f"cart.Brand {END} result")],
    "09/32": [("from signup", f"from signup {END}")],
    # What the recorded package refuses, though its guides show it; so do we.
    "04/1": [(PREVIOUS, "time_comparison=mp.TimeComparison.relative('month')")],
    "04/2": [BOUNDS],
    "04/26": [BOUNDS, ("bucket_size=100", "bucket_size=100, bucket_min=0, bucket_max=500")],
    "04/27": [("bucket_size=50, ), C", "bucket_size=50, bucket_min=0, bucket_max=500, ), C")],
    "04/29": [('[""]', '["Sign Up"]')],
    "06/3": [('math="histogram"', 'math="histogram", per_user="total"')],
    "06/4": [('per_user="average"', 'per_user="average", math_property="amount"')],
    "06/23": [("bucket_size=25)", "bucket_size=25, bucket_min=0, bucket_max=500)")],
    "06/43": [('per_user="average"', 'per_user="average", math_property="app_version"')],
    "06/52": [("value=[100, 1000]", "min_val=100, max_val=1000")],
    "06/51": [("bucket_size=50, )", "bucket_size=50, bucket_min=0, bucket_max=500, )")],
    "07/17": [BOUNDS],
    "07/19": [BOUNDS],
    "08/10": [('math_property="session_duration"', "")],
    "08/14": [BOUNDS],
    "08/27": [('("",', '([""],')],
    "09/12": [('"session"', '"session", conversion_window=1, conversion_window_unit="session"')],
    "09/30": [('"", forward=10, reverse=-1', "[]")],
    "09/31": [('summary["steps"]', "[{**row, 'step': name} for name, row in summary.items()]")],
    "09/36": [BOUNDS, ("cohort_id=", "cohort=")],
    "09/38": [
        ('event="Session Start"', 'event="$session_start"'),
        ('event="Session End"', 'event="$session_end"'),
    ],
    "10/5": [('sort_by="ltv"', 'sort_by="ltv", mode="profiles"')],
    # A bucket that no cohort has reached has no rate.
    "04/14": [NO_RATE],
    "04/34": [NO_RATE],
    "08/28": [NO_RATE],
    # Places in the shop's flows; and no Graphviz needed.
    "04/17": [("Purchase@3", "Open App@1"), ("Add to Cart@2", "Sign Up@0")],
    "09/21": [("Purchase@3", "Open App@1"), ("Add to Cart@2", "Sign Up@0")],
    "09/27": [("to_picture", "to_dotfile")],
}
"""Changes to the text of a block, each group with its reason."""

BEFORE: dict[str, str] = {
    "05/11": "f = mp.FunnelInfo(funnel_id=12345, name='Checkout Funnel')",
    "05/15": "ws = lexicon()",
    "05/17": "s = schema",
    "05/21": "ws = mp.Workspace()",
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

SCHEMA: dict[str, Any] = {
    "entityType": "event",
    "name": "Purchase",
    "schemaJson": {
        "description": "Somebody pays",
        "properties": {"amount": {"type": "number", "description": "What is paid"}},
        "metadata": {"com.mixpanel": {"displayName": "Purchase", "tags": ["core"]}},
    },
}
"""What a project's Lexicon says about an event, for the examples that read it."""
