"""A browser's window on the web console: what it asked for and complained of, whether it fits, what axe says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
WIDER = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return "";
  const out = [...document.querySelectorAll("main *, header *, footer *")]
    .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
  return wide + "px wider: " + out.slice(0, 3).map((each) => each.outerHTML.slice(0, 120)).join(" | ");
}"""
ALL_RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
"""What passes is not described, which costs a fifth of the time."""
TIMEOUT_MS = 60_000


class Visitor:
    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(TIMEOUT_MS)
        self.address = address
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self._asked(request.url))
        self.page.on("console", lambda said: self._said(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> int:
        answer = self.page.goto(self.address + path, wait_until="load")
        assert answer is not None
        return answer.status

    def look(self, *, width: int, theme: Literal["light", "dark"]) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")

    def wider(self) -> str:
        """What makes the page scroll sideways; empty for nothing."""
        return str(self.page.evaluate(WIDER))

    def violations(self) -> list[str]:
        """What axe finds by all its rules, as the page looks now. It needs a browser in which JavaScript runs."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE)
        found: Any = self.page.evaluate("(options) => axe.run(document, options)", ALL_RULES)
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]

    def _asked(self, url: str) -> None:
        if not url.startswith(self.address + "/"):
            self.elsewhere.append(url)

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)


@contextmanager
def visitor(
    chromium: Browser, address: str, state: StorageState | None = None, *, scripts: bool = True, width: int = 1280
) -> Iterator[Visitor]:
    """`scripts`: whether JavaScript runs at all."""
    context = chromium.new_context(
        java_script_enabled=scripts, storage_state=state, viewport={"width": width, "height": 900}
    )
    try:
        yield Visitor(context, address)
    finally:
        context.close()
