"""The HTTP application: which resource answers which route."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import falcon
import msgspec
from falcon.media import JSONHandler

from simulator.api import file_bytes, file_log, files, uploads, webhook_log, webhooks
from simulator.api import members as api_members
from simulator.api import operations as api_operations
from simulator.api import people as api_people
from simulator.api.dto import Shapes
from simulator.api.envelope import refuse, refuse_http
from simulator.control import control
from simulator.control import folders as control_folders
from simulator.control import portal as control_portal
from simulator.control import seed as control_seed
from simulator.control import webhooks as control_webhooks
from simulator.errors import PortalError
from simulator.faults import Faults
from simulator.gate.access import Gate
from simulator.gate.calls import Calls
from simulator.gate.latencies import Latencies
from simulator.gate.limits import Limits
from simulator.gate.proxy import WsgiApp, behind
from simulator.mailbox.mail import Mailbox
from simulator.outgoing.webhooks import Webhooks
from simulator.page import page
from simulator.portal import seed
from simulator.portal.model import User
from simulator.portal.moods import Moods
from simulator.portal.portal import Portal


@dataclass(frozen=True)
class Parts:
    """The parts of the simulator that the routes use."""

    portal: Portal
    hooks: Webhooks
    mailbox: Mailbox
    faults: Faults
    moods: Moods
    calls: Calls
    limits: Limits
    latencies: Latencies
    reset: Callable[[], None]
    restart: Callable[[], int]
    api_key: str
    public_url: str
    now: Callable[[], datetime]


def create_app(parts: Parts) -> WsgiApp:
    keys = seed.api_keys(parts.api_key)
    app: falcon.App[falcon.Request, falcon.Response] = falcon.App(
        middleware=[Gate(parts.faults, parts.moods, keys, parts.calls, parts.limits, parts.latencies)]
    )
    app.resp_options.media_handlers[falcon.MEDIA_JSON] = JSONHandler(dumps=msgspec.json.encode)
    app.add_error_handler(falcon.HTTPError, refuse_http)
    app.add_error_handler(PortalError, refuse)
    shapes = Shapes(parts.portal, parts.public_url)
    _add_files(app, parts.portal, shapes)
    members = api_members.MembersResource(parts.portal, shapes, parts.moods)
    app.add_route("/api/2.0/files/rooms/{room_id}/share", members)
    _add_settings(app, parts, shapes)
    _add_own(app, parts, keys)
    return behind(app, parts.faults, parts.moods)


def _add_files(app: falcon.App[falcon.Request, falcon.Response], portal: Portal, shapes: Shapes) -> None:
    base = "/api/2.0/files"
    file = files.FileResource(portal, shapes)
    app.add_route(f"{base}/file/{{file_id}}", file)
    app.add_route(f"{base}/file/{{file_id}}/lock", file, suffix="lock")
    app.add_route(f"{base}/file/{{file_id}}/log", file_log.FileLogResource(portal, shapes))
    app.add_route(f"{base}/file/{{file_id}}/presigneduri", file_bytes.AddressResource(portal, shapes))
    folder = files.FolderResource(portal, shapes)
    app.add_route(f"{base}/folder/{{folder_id}}", folder)
    app.add_route(f"{base}/folder/{{folder_id}}/path", folder, suffix="path")
    app.add_route(f"{base}/file/{{file_id}}/comment", file, suffix="comment")
    rooms = files.RoomsResource(portal, shapes)
    app.add_route(f"{base}/rooms", rooms)
    app.add_route(f"{base}/rooms/{{room_id}}", rooms, suffix="one")
    app.add_route(f"{base}/rooms/{{room_id}}/archive", rooms, suffix="archive")
    app.add_route(f"{base}/rooms/{{room_id}}/unarchive", rooms, suffix="unarchive")
    operations = api_operations.OperationsResource(portal, shapes)
    app.add_route(f"{base}/fileops", operations)
    app.add_route(f"{base}/fileops/move", operations, suffix="move")
    app.add_route(f"{base}/fileops/copy", operations, suffix="copy")
    app.add_route(f"{base}/fileops/{{kind}}", operations)
    app.add_route(f"{base}/{{folder_id}}", folder, suffix="contents")
    upload = uploads.UploadResource(portal, shapes)
    app.add_route(f"{base}/{{folder_id}}/upload", upload)
    app.add_route(f"{base}/{{folder_id}}/insert", upload, suffix="insert")
    app.add_route(f"{base}/{{folder_id}}/text", upload, suffix="text")
    session = uploads.SessionResource(portal, shapes)
    app.add_route(f"{base}/{{folder_id}}/upload/create_session", session, suffix="create")
    app.add_route(f"{base}/{{folder_id}}/session", session, suffix="open")
    app.add_route(f"{base}/{{folder_id}}/session/{{session_id}}", session)
    app.add_route(f"{base}/{{folder_id}}/session/{{session_id}}/upload", session, suffix="chunk")
    app.add_route(f"{base}/{{folder_id}}/session/{{session_id}}/finalize", session, suffix="finalize")


def _add_settings(app: falcon.App[falcon.Request, falcon.Response], parts: Parts, shapes: Shapes) -> None:
    people = api_people.SelfResource(shapes, parts.moods, parts.now)
    app.add_route("/api/2.0/people/{user_id}", people, suffix="other")
    app.add_route("/api/2.0/people/@self", people)
    app.add_route("/api/2.0/people/self", people)
    app.add_route("/api/2.0/keys/@self", people, suffix="key")
    app.add_route("/api/2.0/keys/permissions", people, suffix="permissions")
    base = "/api/2.0/settings"
    app.add_route(base, api_people.SettingsResource(parts.moods))
    hooks = webhooks.WebhooksResource(parts.hooks, shapes)
    app.add_route(f"{base}/webhook", hooks)
    app.add_route(f"{base}/webhook/enable", hooks, suffix="enable")
    app.add_route(f"{base}/webhook/triggers", hooks, suffix="triggers")
    app.add_route(f"{base}/webhook/{{row_id:int}}", hooks, suffix="one")
    log = webhook_log.WebhookLogResource(parts.hooks, shapes)
    app.add_route(f"{base}/webhooks/log", log)
    app.add_route(f"{base}/webhook/retry", log, suffix="many")
    app.add_route(f"{base}/webhook/{{row_id:int}}/retry", log, suffix="one")


def _add_own(app: falcon.App[falcon.Request, falcon.Response], parts: Parts, keys: Mapping[str, User]) -> None:
    app.add_route("/", page.PageResource())
    app.add_route("/doceditor", page.FilePage(parts.portal))
    handler = file_bytes.HandlerResource(parts.portal, keys, parts.moods, parts.faults)
    app.add_route("/filehandler.ashx", handler)
    app.add_route("/healthz", control.HealthResource())
    app.add_route("/simulator/faults", control.FaultsResource(parts.faults))
    file_state = control.FileStateResource(parts.portal)
    app.add_route("/simulator/files", file_state, suffix="many")
    app.add_route("/simulator/files/{file_id}", file_state)
    app.add_route("/simulator/rooms/{room_id}", control.RoomResource(parts.portal))
    whole = control_portal.PortalResource(parts.portal)
    app.add_route("/simulator/portal", whole)
    app.add_route("/simulator/portal/backup", whole, suffix="backup")
    app.add_route("/simulator/portal/restore", whole, suffix="restore")
    app.add_route("/simulator/users/{name}", whole, suffix="user")
    state = control.StateResource(parts.portal, parts.hooks, parts.mailbox, parts.calls, parts.latencies)
    app.add_route("/simulator/state", state)
    app.add_route("/simulator/mails", state, suffix="mails")
    app.add_route("/simulator/seed", control_seed.SeedResource(parts.portal))
    app.add_route("/simulator/upload", control.ClientUploadResource(parts.portal))
    app.add_route("/simulator/reset", control.ResetResource(parts.reset))
    app.add_route("/simulator/restart", control_webhooks.RestartResource(parts.restart))
    anybodys = control_webhooks.AnybodysWebhookResource(parts.hooks)
    app.add_route("/simulator/webhooks", anybodys)
    app.add_route("/simulator/webhooks/{webhook_id:int}", anybodys, suffix="one")
    folders = control_folders.FoldersResource(parts.portal)
    app.add_route("/simulator/folders", folders)
    app.add_route("/simulator/folders/{folder_id}", folders, suffix="one")
