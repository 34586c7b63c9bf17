"""Which rules are live: those of a file, of the three variables, or published ones; can this program read them?"""

from collections.abc import Iterator

from console.doctor.line import Area, Line
from shared.errors import TransientError
from shared.process.live_rules import RuledDatabase, rules_now
from shared.rules.file import RulesError
from shared.store.rulebook.reader import RulebookReader

AREA = Area("rules")
NAMED = "CLIENT_ROOM_ID, INCOMING_FOLDER_ID and MANAGER_EMAIL"


def check(settings: RuledDatabase) -> Iterator[Line]:
    reader = RulebookReader(settings.database_url.get_secret_value())
    try:
        published = reader.live()
        rules_now(settings)
    except TransientError as error:
        if settings.rules_file is None:
            yield AREA.failed(str(error), "see the ledger")
        return
    except RulesError as error:
        what = "; ".join(str(error).splitlines())
        yield AREA.failed(what, "upgrade this program, or make earlier rules live: intake rules back VERSION")
        return
    finally:
        reader.close()
    if settings.rules_file is None:
        live = f"version {published.version} of the published rules is live" if published else f"those of {NAMED}"
        yield AREA.ok(live)
    elif published is None:
        yield AREA.ok(f"those of RULES_FILE, {settings.rules_file}")
    else:
        told = f"RULES_FILE is set and wins: version {published.version}, which is published, is not live"
        yield AREA.warning(told, "unset RULES_FILE and restart the workers, to run with what is published")
