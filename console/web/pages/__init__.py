"""The pages: each module has `register(site)`, and stands in PAGES."""

from collections.abc import Callable

from console.web.pages import empty
from console.web.site import Site

PAGES: tuple[Callable[[Site], None], ...] = (empty.register,)
