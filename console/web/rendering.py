"""Makes HTML of a page's template. Everything is escaped; a name that a view forgot is an error."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from console.web.navigation import entries
from console.web.outside import shown
from console.web.site import Page, Site, Visit
from console.web.static_files import StaticFiles
from console.web.translations import Translations

HERE = Path(__file__).parent
FOLDERS = (HERE / "templates", HERE / "pages" / "templates")


class Renderer:
    """Safe from several threads."""

    def __init__(self, site: Site, static: StaticFiles, languages: Mapping[str, Translations]) -> None:
        self._site = site
        self._environments = {name: _environment(words, static) for name, words in languages.items()}

    def html(self, page: Page, visit: Visit) -> str:
        facts = {
            "visit": visit,
            "person": visit.person,
            "title": page.title,
            "live": page.live,
            "navigation": entries(self._site, visit),
            "when": lambda seconds: when(seconds, visit.zone),
            **page.facts,
        }
        return self._environments[visit.words.language].get_template(page.template).render(facts)


def when(seconds: float, zone: ZoneInfo) -> Markup:
    """A moment, to the minute, in the reader's zone; exact for programs and in the tip."""
    at = datetime.fromtimestamp(seconds, UTC)
    local = at.astimezone(zone)
    exact = local.isoformat(sep=" ", timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(timespec="seconds"), exact, escape(f"{local:%Y-%m-%d %H:%M}")
    )


def _environment(words: Translations, static: StaticFiles) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    environment.filters["shown"] = shown
    environment.globals["static"] = static.address
    environment.globals["language"] = words.language
    return environment
