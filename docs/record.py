#!/usr/bin/env python3
"""Records a terminal session of the real program as an animated SVG.

    cargo build --release && docs/record.py target/release/hallpass docs/session.svg

Each command is typed into a shell on a pseudo-terminal; what appears, and when, becomes the picture. Needs nothing but
Python and curl. The picture plays once and then shows the whole session.
"""

import html
import os
import pty
import re
import select
import sys
import time

COLUMNS, ROWS = 88, 30
COMMANDS = [
    "hallpass header | cut -c 1-72",
    "hallpass status",
    "hallpass token | hallpass inspect | head -n 5",
    'hallpass curl --allow-host 127.0.0.1 -- -sS "$HALLPASS_SANDBOX_API_URL/orders"',
    "hallpass token | hallpass check --introspect --scope read",
    "hallpass tokn",
]
PROMPT = "$ "
COLORS = {"1": "b", "2": "d", "31": "r", "32": "g", "33": "y", "36": "c"}
STYLE = """
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:#d4d4d4;opacity:0;
animation:a 1ms forwards}
@keyframes a{to{opacity:1}}
@media (prefers-reduced-motion){text{animation-delay:0s!important}}
.b{font-weight:700}.d{fill:#8a8a8a}.r{fill:#f14c4c}.g{fill:#4ec970}.y{fill:#e5c07b}.c{fill:#56b6c2}
"""


def record(program, directory):
    """Types the commands; returns what the terminal got, in pieces with their times."""
    child, terminal = pty.fork()
    if child == 0:
        path = os.environ["PATH"]
        environment = {"PATH": path, "HOME": directory, "TERM": "xterm", "PS1": PROMPT, "HALLPASS_NO_SPINNER": "1"}
        os.execve(program, [program, "sandbox", "--", "sh"], environment)
    import fcntl, struct, termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    pieces, clock = [], 0.0

    def read(until, patience=20.0):
        """Reads until a prompt, and counts only the time that a program took."""
        nonlocal clock
        seen, begun = "", time.monotonic()
        while not seen.endswith(until):
            if time.monotonic() - begun > patience:
                raise SystemExit(f"no prompt after: {seen!r}")
            if select.select([terminal], [], [], 0.1)[0]:
                text = os.read(terminal, 65536).decode()
                seen += text
                pieces.append((clock + time.monotonic() - begun, text))
        clock += time.monotonic() - begun

    read(PROMPT)
    pieces[:] = [(0.0, PROMPT)]
    clock = 0.5
    for command in COMMANDS:
        for letter in command:
            os.write(terminal, letter.encode())
            read(letter)
            clock += 0.03
        clock += 0.3
        os.write(terminal, b"\n")
        read("\n" + PROMPT)
        clock += 1.2
    os.write(terminal, b"exit\n")
    os.waitpid(child, 0)
    return pieces


def draw(pieces):
    """The picture: a text element for each run of signs that appeared together."""
    row, column, style, elements = 0, 0, "", []
    for moment, text in pieces:
        for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\r\n|\n|\r)", text):
            if part.startswith("\x1b"):
                if part.endswith("m"):
                    style = " ".join(COLORS[code] for code in part[2:-1].split(";") if code in COLORS)
            elif part in ("\r\n", "\n"):
                row, column = row + 1, 0
            elif part == "\r":
                column = 0
            part = part.replace("\t", "  ")
            while part and part[0] not in "\x1b\r\n":
                run, part = part[: COLUMNS - column], part[COLUMNS - column :]
                elements.append((moment, row, column, style, run))
                column += len(run)
                if part:
                    row, column = row + 1, 0
    width, height = COLUMNS * 8.43 + 24, (row + 1) * 19 + 24
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">',
        "<title>hallpass in its sandbox: header, status, inspect, a call of an API, check, and a typing error</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#1e1e1e"/>',
    ]
    for moment, row, column, style, run in elements:
        if run.strip():
            name = f' class="{style}"' if style else ""
            lines.append(
                f'<text x="{12 + column * 8.43:.1f}" y="{28 + row * 19}"{name}'
                f' style="animation-delay:{moment:.2f}s">{html.escape(run, quote=False)}</text>'
            )
    return "\n".join([*lines, "</svg>", ""])


def main():
    import tempfile

    program, target = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as directory:
        picture = draw(record(program, directory))
    if len(picture) > 100 * 1024:
        raise SystemExit("the picture is larger than 100 KiB")
    with open(target, "w", encoding="utf-8") as file:
        file.write(picture)


main()
