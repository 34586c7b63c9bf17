"""What a stranger wrote (a title, an error), without what a terminal would obey."""


def harmless(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
