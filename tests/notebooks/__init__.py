"""The gallery as a test: every notebook runs, and shows the same bytes every time."""
