"""The way into the web console, through its real application, with the browser's real headers and cookies."""

import re
import time
from pathlib import Path

import pytest
from falcon.testing import Result

from console.web.roles import NEEDED
from console.web.site import Site
from shared.store.people.membership import Membership
from shared.store.people.person import Role
from tests.support.web import Browser, browser, membership_of, registered

PASSWORD = "correct horse battery"
SECRET = "a secret of the proxy"
HTTPS = {"WEB_PUBLIC_URL": "https://intake.example.com"}
BEHIND_PROXY = HTTPS | {"WEB_PROXY_ADDRESSES": "127.0.0.0/8", "WEB_PROXY_SECRET": SECRET}
UNSAFE = sorted(route for route in NEEDED if route[0] != "GET")
REGISTERED = registered()
ACTIONS = sorted(route for route in REGISTERED if route[0] == "POST")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def membership(database: Path) -> Membership:
    return membership_of(f"sqlite:///{database}")


def invited(database: Path, name: str = "ada", role: Role = Role.ADMIN, **how: bool) -> str:
    return "/invite/" + membership(database).people.invite(name, role, time.time(), by="test", **how)


def signed_in(database: Path, role: Role = Role.ADMIN, name: str = "ada") -> Browser:
    visitor = browser(database, role=None)
    answer = visitor.post(invited(database, name, role), {"password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 303, answer.text
    return visitor


def at(path: str) -> str:
    """An address that fits the route's template."""
    return re.sub(r"\{[^}]*\}", "x", path)


def said(answer: Result) -> str:
    return re.sub(r"<[^>]*>", " ", answer.text.partition("<main")[2].partition("</main")[0])


def test_nobody_gets_in_by_default(database: Path) -> None:
    visitor = browser(database, role=None)
    for method, path in sorted(REGISTERED):
        if NEEDED[method, path] is not None:
            answer = visitor.get(at(path)) if method == "GET" else visitor.post(at(path), {"a": "b"})
            assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login"), (method, path)
    assert "intake web invite" in said(visitor.get("/login"))


@pytest.mark.parametrize("password", ["", "x", PASSWORD])
def test_an_invited_person_has_no_password_before_setting_one(database: Path, password: str) -> None:
    invited(database)
    visitor = browser(database, role=None)
    assert visitor.post("/login", {"name": "ada", "password": password}).status_code == 401
    assert not visitor.cookies


def test_opening_the_link_asks_and_the_form_uses_it_up(database: Path) -> None:
    link, visitor = invited(database), browser(database, role=None)
    for _ in range(2):  # a mail scanner, then the person
        assert "You are invited as ada" in " ".join(said(visitor.get(link)).split())
    assert visitor.post(link, {"password": PASSWORD, "again": PASSWORD}).headers["location"] == "/"
    assert visitor.get("/me").status_code == 200
    assert visitor.get(link).status_code == 410
    other = browser(database, role=None)
    assert other.post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 410
    assert other.get("/me").status_code == 303


@pytest.mark.parametrize(
    ("password", "again"), [("short", "short"), (PASSWORD, "another one"), ("a" * 20, "a" * 20), ("x" * 201,) * 2]
)
def test_a_bad_password_leaves_the_invitation_as_it_was(database: Path, password: str, again: str) -> None:
    link, visitor = invited(database), browser(database, role=None)
    assert visitor.post(link, {"password": password, "again": again}).status_code == 400
    assert visitor.post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 303


def test_a_link_that_only_signs_in_asks_for_no_password(database: Path) -> None:
    link, visitor = invited(database, sets_password=False), browser(database, role=None)
    assert "password" not in visitor.get(link).text.partition("<main")[2].lower()
    assert visitor.post(link).status_code == 303
    assert visitor.get("/me").status_code == 200
    assert browser(database, role=None).post(link).status_code == 410


def test_signing_in_and_out(database: Path) -> None:
    signed_in(database)
    visitor = browser(database, role=None)
    assert visitor.post("/login", {"name": "ada", "password": PASSWORD + "x"}).status_code == 401
    answer = visitor.post("/login", {"name": "ADA ", "password": PASSWORD, "to": "/me?a=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?a=1")
    kept = dict(visitor.cookies)
    assert visitor.get("/me").status_code == 200
    visitor.post("/logout")
    assert not visitor.cookies
    visitor.cookies = kept
    assert visitor.get("/me").status_code == 303  # the session itself is over


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "\t//e"]
)
def test_signing_in_leads_to_no_other_site(database: Path, to: str) -> None:
    signed_in(database)
    answer = browser(database, role=None).post("/login", {"name": "ada", "password": PASSWORD, "to": to})
    assert answer.headers["location"] == "/"


def test_repeated_failures_must_wait(database: Path) -> None:
    signed_in(database)
    visitor = browser(database, role=None)
    answers = [visitor.post("/login", {"name": "ada", "password": "wrong"}) for _ in range(8)]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert visitor.post("/login", {"name": "ada", "password": PASSWORD}).status_code == 429


def test_every_action_that_an_app_registers_stands_in_the_one_table() -> None:
    assert set(ACTIONS) <= set(UNSAFE)
    with pytest.raises(KeyError):
        Site(None).post("/not/in/the/table", lambda _visit: None)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_a_lower_role_does_no_action_that_needs_a_higher_one(database: Path, role: Role) -> None:
    visitor = signed_in(database, role)
    tried = 0
    for method, path in sorted(REGISTERED):
        needed = NEEDED[method, path]
        if needed is None or role.may(needed):
            continue
        answer = (
            visitor.get(at(path)) if method == "GET" else visitor.post(at(path), {"name": "x", "role": "admin"})
        )
        assert answer.status_code == 403, (method, path)
        assert f"needs the role {needed}" in said(answer)
        tried += 1
    assert tried >= 5
    assert [each.person.name for each in membership(database).people.everybody()] == ["ada"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8081"},
    ],
)
def test_a_form_of_another_site_changes_nothing(database: Path, headers: dict[str, str]) -> None:
    cookies = signed_in(database).cookies
    victim = browser(database, role=None, headers=headers)
    victim.cookies = dict(cookies)
    for path in (path for _, path in ACTIONS):
        assert victim.post(at(path), {"name": "eve", "role": "admin"}).status_code == 403, path
    assert [each.person.name for each in membership(database).people.everybody()] == ["ada"]
    assert victim.get("/me").status_code == 200  # still signed in, and to look is no change


def test_an_older_browser_is_believed_by_its_origin(database: Path) -> None:
    cookies = signed_in(database).cookies
    visitor = browser(database, role=None, headers={"Origin": "http://127.0.0.1:8081"})
    visitor.cookies = dict(cookies)
    assert visitor.post("/people/invite", {"name": "bob", "role": "viewer"}).status_code == 200
    assert membership(database).people.find("bob")


@pytest.mark.parametrize("host", ["evil.example", "intake.example.com.evil.example", "127.0.0.1.nip.example"])
def test_a_name_that_is_not_ours_is_not_answered(database: Path, host: str) -> None:
    assert browser(database, role=None, host=host, environ=HTTPS).get("/login").status_code == 421


def test_over_plain_http_from_another_computer_nobody_is_kept_signed_in(database: Path) -> None:
    link = invited(database)
    visitor = browser(database, role=None, host="192.168.1.20", headers={"Origin": "http://192.168.1.20:8081"})
    for path in ("/login", link):
        answer = visitor.get(path)
        assert "nobody can be kept signed in here" in said(answer)
        assert 'type="password"' not in answer.text
        form = {"name": "ada", "password": PASSWORD, "again": PASSWORD}
        assert visitor.post(path, form).status_code == 403
    assert not visitor.cookies
    stolen = signed_in(database, name="bob").cookies
    visitor.cookies = dict(stolen)
    assert visitor.get("/me").status_code == 303  # nor is a cookie taken


def test_the_cookie_on_https_is_the_host_s_alone_and_secure(database: Path) -> None:
    link = invited(database)
    visitor = browser(database, role=None, host="intake.example.com", port=80, environ=HTTPS)
    answer = visitor.post(link, {"password": PASSWORD, "again": PASSWORD})
    marks = {mark.strip() for mark in answer.headers["set-cookie"].split(";")[1:]}
    assert answer.headers["set-cookie"].startswith("__Host-intake=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= marks
    assert visitor.get("/me").status_code == 200


def test_the_cookie_on_this_machine_is_read_by_no_script(database: Path) -> None:
    answer = browser(database, role=None).post(invited(database), {"password": PASSWORD, "again": PASSWORD})
    assert answer.headers["set-cookie"].startswith("intake=")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "Secure" not in answer.headers["set-cookie"]


def of_proxy(database: Path, environ: dict[str, str], **headers: str) -> Browser:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser(database, role=None, host="intake.example.com", port=80, environ=environ, headers=sent)


def test_a_proxy_that_shows_its_secret_is_believed_from_its_address(database: Path) -> None:
    membership(database).people.put("ada", Role.VIEWER, time.time())
    visitor = of_proxy(database, BEHIND_PROXY, Remote_User="Ada", X_Intake_Proxy_Secret=SECRET)
    assert "You are ada, with the role viewer" in said(visitor.get("/me"))
    assert visitor.post("/people/invite").status_code == 403


@pytest.mark.parametrize(
    ("environ", "secret"),
    [
        (BEHIND_PROXY, None),
        (BEHIND_PROXY, "another secret"),
        (BEHIND_PROXY | {"WEB_PROXY_ADDRESSES": "10.0.0.1"}, SECRET),
        (HTTPS | {"WEB_PROXY_ADDRESSES": "127.0.0.0/8"}, SECRET),
    ],
)
def test_anybody_else_s_word_for_who_they_are_counts_nothing(
    database: Path, environ: dict[str, str], secret: str | None
) -> None:
    membership(database).people.put("ada", Role.ADMIN, time.time())
    headers = {"Remote_User": "ada", **({"X_Intake_Proxy_Secret": secret} if secret else {})}
    assert of_proxy(database, environ, **headers).get("/me").status_code == 303


def test_who_has_no_role_here_is_refused_though_the_proxy_knows_them(database: Path) -> None:
    visitor = of_proxy(database, BEHIND_PROXY, Remote_User="eve", X_Intake_Proxy_Secret=SECRET)
    answer = visitor.get("/me")
    assert answer.status_code == 403
    assert "eve" in said(answer)
    assert membership(database).people.everybody() == []


def test_an_admin_invites_changes_roles_ends_sessions_and_removes(database: Path) -> None:
    admin = signed_in(database)
    page = admin.post("/people/invite", {"name": "bob", "role": "viewer"})
    found = re.search(r"<pre>http://127\.0\.0\.1:8081(/invite/[\w-]+)</pre>", page.text)
    assert found
    bob = browser(database, role=None)
    bob.post(found[1], {"password": PASSWORD, "again": PASSWORD})
    assert bob.get("/people").status_code == 403
    admin.post("/people/bob/role", {"role": "admin"})
    assert bob.get("/people").status_code == 200
    admin.post("/people/bob/sessions/end")
    assert bob.get("/people").status_code == 303
    admin.post("/people/bob/remove")
    assert bob.post("/login", {"name": "bob", "password": PASSWORD}).status_code == 401


@pytest.mark.parametrize("path", ["/people/ada/role", "/people/ADA/remove"])
def test_an_admin_cannot_lock_themselves_out(database: Path, path: str) -> None:
    admin = signed_in(database)
    assert admin.post(path, {"role": "viewer"}).status_code == 409
    assert admin.get("/people").status_code == 200


def test_a_person_sees_and_ends_their_own_sessions_alone(database: Path) -> None:
    ada, bob = signed_in(database), signed_in(database, name="bob", role=Role.VIEWER)
    theirs = membership(database).sessions.of("ada", time.time())[0].id
    bob.post(f"/me/sessions/{theirs}/end")
    assert ada.get("/me").status_code == 200
    ada.post(f"/me/sessions/{theirs}/end")
    assert ada.get("/me").status_code == 303


def test_who_let_whom_in_and_who_signed_in_stands_on_the_audit(database: Path) -> None:
    admin = signed_in(database)
    admin.post("/people/invite", {"name": "bob", "role": "viewer"})
    admin.post("/people/bob/role", {"role": "operator"})
    admin.post("/people/bob/remove")
    text = " ".join(said(admin.get("/audit")).split())
    for verb, target in (
        ("accept invitation", "ada"), ("sign in", "ada"), ("invite", "bob role: viewer"),
        ("change role", "bob role: operator"), ("remove person", "bob"),
    ):  # fmt: skip
        assert f"ada (web) {verb} {target} done" in text, verb
    assert admin.get("/audit?before=nan_x").status_code == 400


def test_the_audit_is_read_to_its_end_in_pages_that_keep_their_place(database: Path) -> None:
    admin = signed_in(database)
    for n in range(60):
        admin.post(f"/people/nobody-{n}/sessions/end")
    pages = [admin.get("/audit").text]
    while older := re.search(r'href="(/audit\?before=[^"]+)"', pages[-1]):
        admin.post("/people/in-between/sessions/end")  # what comes meanwhile moves nothing
        pages.append(admin.get(older[1]).text)
    assert len(pages) == 2
    told = re.findall(r"nobody-\d+", "".join(pages))
    assert sorted(told) == sorted({f"nobody-{n}" for n in range(60)})


def test_language_zone_and_theme_are_chosen_by_the_person(database: Path) -> None:
    ada = signed_in(database)
    ada.post("/me", {"language": "en", "zone": "Asia/Kolkata", "theme": "dark"})
    page = ada.get("/me").text
    assert 'data-theme="dark"' in page
    assert "Times are of Asia/Kolkata" in page
    assert ada.post("/me", {"zone": "Nowhere/At_All"}).status_code == 400


def test_no_answer_may_be_kept_framed_sniffed_or_run_what_is_not_ours(database: Path) -> None:
    admin = signed_in(database)
    for path in ("/", "/me", "/login", "/people", "/nowhere", "/static/live.js", "/static/nothing", "/healthz"):
        headers = admin.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, path  # noqa: PT018
        assert not re.search(r"unsafe|data:|\*|https?:", policy), path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cache-control"] == "no-store" or path.startswith("/static"), path


def test_a_page_and_its_files_weigh_under_60_kb(database: Path) -> None:
    admin = signed_in(database)
    for path in ("/", "/me", "/people"):
        page = admin.get(path, headers={"Accept-Encoding": "identity"}).text
        files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        weights = [len(admin.get(each, headers={"Accept-Encoding": "gzip"}).content) for each in (path, *files)]
        assert len(files) >= 5
        assert sum(weights) < 60_000, (path, weights)
