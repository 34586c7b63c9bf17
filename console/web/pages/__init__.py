"""The pages: each module has `register`, and PAGES says for all of them how."""

from collections.abc import Callable

from console.web.pages import home, raw, setup, upload, uploads
from console.web.pages.seen import watch
from console.web.site import Site


def register(site: Site) -> None:
    """All pages, with one watch between those that show how everything stands now."""
    seen = watch(site.context.environ)
    home.register(site, seen)
    uploads.register(site)
    upload.register(site)
    raw.register(site)
    setup.register(site, seen)


PAGES: tuple[Callable[[Site], None], ...] = (register,)
