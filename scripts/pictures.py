"""`python -m scripts.pictures`: makes docs/pictures anew, from a running demo, with Chromium.

They are of the simulated portal's page, of the mail that the manager gets, of what the demo tells, and of the web
console.
"""

import io
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import requests
from msgspec.structs import replace
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

from console.not_taken.found import would_fit
from shared.announcing import not_taken
from shared.announcing.digest import DigestTexts, Named
from shared.announcing.not_taken import Untaken
from shared.announcing.own_templates.folder import SAMPLE
from shared.announcing.voice import Voice
from shared.text.announcement import Announcement

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
CLIENT = "Acme Ltd: "
PHONE_PX = 375
STORY_ENDS = "Upload files of your own"
PATIENCE_S = 60
DARK = "--blink-settings=preferredColorScheme=0"
"""As a reader has it who prefers dark pages."""


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("this needs Chromium: apt-get install chromium\n")
        return 1
    PICTURES.mkdir(exist_ok=True)
    demo = subprocess.Popen(
        [sys.executable, "-u", "-m", "demo", "--processes"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        told = _until_told(demo)
        page = re.findall(r"http://\S+", told)[0].rstrip("/")
        mails = requests.get(f"{page}/simulator/state", timeout=10).json()["mails"]
        mail = next(each for each in mails if each["subject"].startswith(CLIENT))
        with tempfile.TemporaryDirectory() as folder:
            _take(chromium, page, "portal.png", 1100, 820)
            letter = _file(folder, "mail.html", mail["html"])
            _take(chromium, letter, "mail.png", 720, 520)
            _take(chromium, letter, "mail-dark.png", 720, 520, DARK)
            _take(chromium, _file(folder, "phone.html", _phone(letter)), "mail-phone.png", 500, 640)
            _take_messages(chromium, folder)
            _take(chromium, _file(folder, "demo.html", _terminal(told)), "demo.png", 1200, 760)
        _take_console(chromium, re.findall(r"http://\S+/invite/\S+", told)[-1])
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(PATIENCE_S)
    return 0


def _take_messages(chromium: str, folder: str) -> None:
    """Of several invoices in one message, and of what was not taken; both made up."""
    for name, html in {"digest": _digest().full.html, "not-taken": _not_taken().html}.items():
        letter = _file(folder, f"{name}.html", html)
        _take(chromium, letter, f"{name}.png", 720, 640)
        _take(chromium, letter, f"{name}-dark.png", 720, 640, DARK)
        _take(chromium, _file(folder, f"{name}-phone.html", _phone(letter)), f"{name}-phone.png", 500, 640)


def _digest() -> DigestTexts:
    named = [
        Named(replace(SAMPLE, title=title, room_title=client, uploaded_at=f"2026-11-27T09:{minute}:00Z"), title)
        for title, client, minute in [
            ("Invoice 4711.pdf", "Acme Ltd", 12),
            ("Invoice 4712.pdf", "Acme Ltd", 13),
            ("Invoice 77 Globex.pdf", "Globex", 21),
        ]
    ]
    return DigestTexts(named, "5f0c8a52", Voice("en", "Europe/Berlin"))


def _not_taken() -> Announcement:
    found = [
        Untaken(
            title, "Acme Ltd", "acme", ("invoice", "regex:^inv[-_ ]?\\d+"), "Jane Client",
            f"2026-11-26T15:{minute}:00Z", would_fit(title),
        )
        for title, minute in [("Rechnung 77.pdf", 31), ("Rechnung 78.pdf", 32), ("Scan0001.pdf", 40)]
    ]  # fmt: skip
    return not_taken.announcement(found, Voice("en", "Europe/Berlin"))


def _take_console(chromium: str, link: str) -> None:
    """The first page, as somebody sees it who signs in by the link. The others are made by the browser tests."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page(viewport={"width": 1100, "height": 820})
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile(r"/$"))
        page.screenshot(path=PICTURES / "console_home.png")


def _until_told(demo: "subprocess.Popen[str]") -> str:
    lines: list[str] = []
    for line in demo.stdout or ():
        lines.append(line)
        if line.startswith(STORY_ENDS):
            return "".join(lines)
    raise SystemExit("the demo ended before its story did:\n" + "".join(lines))


def _terminal(text: str) -> str:
    console = Console(record=True, width=132, file=io.StringIO())
    console.print(Text.from_ansi("$ make demo\n" + text))
    return f"<body style='margin:0'>{console.export_svg(title='make demo')}</body>"


def _file(folder: str, name: str, text: str) -> str:
    path = Path(folder) / name
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def _phone(url: str) -> str:
    """A page as wide as a telephone's: a window of Chromium is never so narrow."""
    frame = f"<iframe src='{url}' style='width:{PHONE_PX}px;height:640px;border:0'></iframe>"
    return f"<body style='margin:0;background:#9ca3af;text-align:center'>{frame}</body>"


def _take(chromium: str, url: str, name: str, width: int, height: int, *options: str) -> None:
    """As root Chromium has no sandbox; what it shows is our own."""
    command = [
        chromium, "--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}",
        "--virtual-time-budget=5000", f"--screenshot={PICTURES / name}", *options, url,
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)  # noqa: S603 - ours alone


if __name__ == "__main__":
    raise SystemExit(main())
