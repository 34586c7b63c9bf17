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
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

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
            _take(chromium, _file(folder, "demo.html", _terminal(told)), "demo.png", 1200, 760)
        _take_console(chromium, re.findall(r"http://\S+/invite/\S+", told)[-1])
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(PATIENCE_S)
    return 0


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
