"""What Mixpanel's own Python library sends, to an emulator; run by a Python that has `mixpanel`.

Enters: the address, the project's token, a service account's secret. Leaves: events and profiles
at the server. The surprise: it runs in its own environment, so nothing of mpnb may be imported.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

url, token, start = sys.argv[1], sys.argv[2], int(sys.argv[3])
mixpanel: Any = importlib.import_module("mixpanel")
places = [f"{url}/{name}" for name in ("track", "engage", "import", "groups")]
consumer = mixpanel.Consumer(
    events_url=places[0], people_url=places[1], import_url=places[2], groups_url=places[3]
)
project = mixpanel.Mixpanel(token, consumer=consumer)

project.track("new é", "Track", {"time": start, "$insert_id": "t1", "plan": "pro"})
project.import_data(
    token, "new é", "Import", start + 60, {"$insert_id": "i1", "n": 1}, api_secret=token
)
project.people_set("new é", {"$name": "É", "visits": 1, "tags": ["a"]})
project.people_set_once("new é", {"$name": "no", "first": "yes"})
project.people_increment("new é", {"visits": 2})
project.people_append("new é", {"tags": "b"})
project.people_union("new é", {"tags": ["b", "c"]})
project.people_remove("new é", {"tags": "a"})
project.people_unset("new é", ["first"])
project.people_set("gone", {"$name": "x"})
project.people_delete("gone")
project.group_set("company", "Acme", {"size": 5})

buffered = mixpanel.Mixpanel(
    token,
    consumer=mixpanel.BufferedConsumer(
        max_size=10,
        events_url=places[0],
        people_url=places[1],
        import_url=places[2],
        groups_url=places[3],
    ),
)
for number in range(25):
    buffered.track(f"buffered {number}", "Batch", {"time": start, "$insert_id": f"b{number}"})
buffered._consumer.flush()

wrong = mixpanel.Mixpanel("wrong", consumer=consumer)
try:
    wrong.track("x", "Wrong", {"time": start, "$insert_id": "w"})
except mixpanel.MixpanelException:
    print("refused")
