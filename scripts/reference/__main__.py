"""Writes the generated parts of docs/reference anew."""

from scripts.reference.pages import PARTS, ROOT, renewed

for page, parts in PARTS.items():
    path = ROOT / page
    before = path.read_text(encoding="utf-8")
    after = renewed(before, parts)
    if after != before:
        path.write_text(after, encoding="utf-8")
        print(f"wrote {page}")
