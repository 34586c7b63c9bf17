"""Writes the generated parts of docs/reference anew."""

from scripts.reference.pages import PARTS, ROOT, WHOLE, renewed


def write(page: str, after: str, before: str) -> None:
    if after != before:
        (ROOT / page).write_text(after, encoding="utf-8")
        print(f"wrote {page}")


def text(page: str) -> str:
    path = ROOT / page
    return path.read_text(encoding="utf-8") if path.exists() else ""


for page, parts in PARTS.items():
    before = text(page)
    write(page, renewed(before, parts), before)
for page, whole in WHOLE.items():
    write(page, whole(), text(page))
