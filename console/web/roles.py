"""Which role each page and each action needs: the one table. What does not stand here cannot be registered."""

from collections.abc import Mapping

from shared.store.people.person import Role

Route = tuple[str, str]
"""A method and the template of a path, as the router takes it."""

NEEDED: Mapping[Route, Role | None] = {
    # None: nobody needs to be signed in
    ("GET", "/login"): None,
    ("POST", "/login"): None,
    ("GET", "/invite/{token}"): None,
    ("POST", "/invite/{token}"): None,
    # who is signed in
    ("GET", "/live"): Role.VIEWER,
    ("POST", "/logout"): Role.VIEWER,
    ("GET", "/me"): Role.VIEWER,
    ("POST", "/me"): Role.VIEWER,
    ("POST", "/me/sessions/{session}/end"): Role.VIEWER,
    ("GET", "/people"): Role.ADMIN,
    ("POST", "/people/invite"): Role.ADMIN,
    ("POST", "/people/{name}/role"): Role.ADMIN,
    ("POST", "/people/{name}/sessions/end"): Role.ADMIN,
    ("POST", "/people/{name}/remove"): Role.ADMIN,
    ("GET", "/audit"): Role.ADMIN,
    # the pages
    ("GET", "/"): Role.VIEWER,
    ("GET", "/uploads"): Role.VIEWER,
    ("GET", "/uploads.csv"): Role.VIEWER,
    ("GET", "/uploads/{upload}"): Role.VIEWER,
    ("GET", "/uploads/{upload}/raw"): Role.VIEWER,
    ("GET", "/problems"): Role.VIEWER,
    ("GET", "/rooms"): Role.VIEWER,
    ("GET", "/rooms/{room}"): Role.VIEWER,
    ("GET", "/rules"): Role.VIEWER,
    ("GET", "/rules/versions/{version}"): Role.VIEWER,
    ("GET", "/notifications"): Role.VIEWER,
    ("GET", "/notifications/{message}"): Role.VIEWER,
    ("GET", "/hooks"): Role.VIEWER,
    ("GET", "/hooks/{name}"): Role.VIEWER,
    ("GET", "/health"): Role.VIEWER,
    ("GET", "/events"): Role.VIEWER,
    ("GET", "/setup"): Role.VIEWER,
    # the actions: GET asks, POST does
    ("GET", "/actions/{verb}"): Role.OPERATOR,
    ("POST", "/actions/{verb}"): Role.OPERATOR,
    ("GET", "/rules/edit"): Role.ADMIN,
    ("POST", "/rules/check"): Role.ADMIN,
    ("POST", "/rules/publish"): Role.ADMIN,
    ("POST", "/rules/versions/{version}/live"): Role.ADMIN,
    ("GET", "/activity"): Role.VIEWER,
    ("GET", "/activity/{action}"): Role.VIEWER,
    ("POST", "/activity/{action}/stop"): Role.OPERATOR,
    ("POST", "/activity/{action}/resume"): Role.OPERATOR,
}
