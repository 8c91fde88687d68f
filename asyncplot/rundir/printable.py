"""Text of another process, made fit for a terminal: its control characters are written out. Pure, standard library only.

A terminal obeys control characters. They can change its title, and hide or fake other lines. A plotter may write them to its
output, and an exception that it raises may hold them.
"""

from __future__ import annotations

#: Control characters (but tabs and ends of lines), and those that have a terminal show other characters in another
#: order -> what is shown.
SHOWN = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    for code in (
        *range(9),
        *range(11, 32),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
}


def printable(text: str) -> str:
    r"""The text with its control characters, and halves of surrogate pairs, written out.

    >>> printable("\x1b[31mred"), printable("half \ud800")
    ('\\x1b[31mred', 'half \\ud800')
    """
    return text.encode(errors="backslashreplace").decode().translate(SHOWN)


def one_line(said: object) -> str:
    r"""What another host said, as part of one line.

    >>> one_line("gpe\nall is well")
    'gpe\\nall is well'
    """
    return printable(str(said)).replace("\n", "\\n")
