"""What is not there yet, and what differs on purpose; `test_public_api.py` holds this to the code."""

LATER: dict[str, tuple[str, ...]] = {}
"""Part of the work that brings them → public names that are not there before it."""

LATER_METHODS: dict[str, tuple[str, ...]] = {}
"""Domain of the recorded API → methods of a workspace that are not there yet."""

DIFFERENT: dict[str, list[str]] = {
    "AccountType": [
        "allows ('service_account', 'oauth_browser', 'oauth_token', 'project_secret', 'local') instead of ['service_account', 'oauth_browser', 'oauth_token']"
    ],
    "OAuthTokenAccount": ["auth_header() token_resolver is optional"],
    "Session": ["auth_header() token_resolver is optional"],
    "PublicWorkspace": ["is_default is optional"],
    "FeatureFlag": ["project_id is optional"],
    "Annotation": ["project_id is optional"],
}
"""Name → how it differs from what is recorded; each is wider than that, so no caller trips."""
