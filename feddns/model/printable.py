"""Text from outside made safe to print: clusters, zones and files name things as they like."""


def printable(text: str) -> str:
    """`text` with everything escaped that could begin a line, move a cursor or turn the writing direction."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
