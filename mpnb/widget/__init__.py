"""Live parts of a notebook: the explorer, the builders and the result card.

Enters a workspace, a question or an answer; leaves a widget. The surprise: each widget is a thin
skin over a plain Python class (`exploring`, `building`, `carding`) that holds all data and
decisions, so that everything a click does can be done, and tested, without a browser.
"""
