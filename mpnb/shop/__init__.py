"""The demo shop: believable events and profiles, made from nothing, the same every time."""
