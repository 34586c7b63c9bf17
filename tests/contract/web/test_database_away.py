"""The web console while its database, a real PostgreSQL, is stopped."""

import time
from pathlib import Path
from uuid import uuid4

from shared.store.people.person import Role
from tests.contract.web.test_who_gets_in import said
from tests.support.databases import Database
from tests.support.web import browser, membership_of


def test_while_it_is_away_who_was_known_may_look_and_not_act(postgres: Database, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": postgres.url}
    name = f"ada {uuid4().hex[:8]}"
    link = membership_of(postgres.url).people.invite(name, Role.ADMIN, time.time(), by="test", sets_password=False)
    ada = browser(tmp_path, role=None, environ=environ)
    ada.post(f"/invite/{link}")
    assert ada.get("/people").status_code == 200
    postgres.stop()
    try:
        page = ada.get("/")
        assert page.status_code == 200
        assert ada.get("/people").status_code == 403  # as a viewer
        refused = ada.post("/people/invite", {"name": "eve", "role": "admin"})
        assert refused.status_code == 503
        assert "cannot be reached" in said(refused)
        ada.cookies = {"intake": "never seen"}
        assert ada.get("/").status_code == 503
    finally:
        postgres.start()
