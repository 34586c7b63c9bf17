"""The client and the probe, which the mover relies on, against the same portal."""

from shared.docspace.client import Client
from shared.docspace.probe import PortalProbe
from simulator.portal import seed


def test_the_client_knows_its_user_and_a_folders_path(portal, mover):
    assert mover.client.self_id() == seed.SERVICE.id
    path = mover.client.folder_path(seed.CLIENT_SUBFOLDER)
    assert [folder.id for folder in path] == [seed.ROOMS, seed.CLIENT_ROOM, seed.CLIENT_SUBFOLDER]
    assert mover.client.folder(seed.INCOMING).can_move_to is True


def test_the_probe_finds_a_fitting_portal_and_names_what_does_not_fit(running, portal, mover):
    fits = PortalProbe(mover.client, [(seed.CLIENT_ROOM, "CLIENT_ROOM_ID")], destinations=[(seed.INCOMING, "rule")])
    assert fits.ask()
    stranger = Client(running.url, "sk-unknown", pool_size=1)
    refused = PortalProbe(stranger, [])
    assert not refused.ask()
    stranger.close()
    assert "check DOCSPACE_API_KEY" in str(refused.check())
    missing = PortalProbe(mover.client, [(1, "INCOMING_FOLDER_ID")])
    assert not missing.ask()
    assert missing.check() == "folder 1 (INCOMING_FOLDER_ID) does not exist on the portal (404)"
