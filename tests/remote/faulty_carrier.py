"""A carrier that runs its last words as a command, and does to the bytes between what a control file says.

``python faulty_carrier.py CONTROL COMMAND...``. The control file is JSON, read anew before each piece:
``delay`` (s, each piece), ``bandwidth`` (bytes/s), ``flip`` and ``lose`` (the chance that a piece has a byte
changed, or does not arrive), ``half_open`` (nothing is copied any more), ``cut`` (all ends), ``refuse`` (a
new one ends at once), ``done`` (a file that gets a byte for each piece that was changed or lost). Both directions;
standard library only.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_CHUNK = 1 << 16


def faults(control: Path) -> dict[str, Any]:
    """What the control file says now."""
    try:
        return dict(json.loads(control.read_text()))
    except (OSError, ValueError):
        return {}


def copy(control: Path, source: int, target: int, chance: random.Random) -> None:
    """Copy bytes until either side ends."""
    while True:
        now = faults(control)
        if now.get("cut"):
            os._exit(3)
        if now.get("half_open"):
            time.sleep(0.02)
            continue
        data = os.read(source, _CHUNK)
        if not data:
            return
        now = faults(control)
        time.sleep(now.get("delay", 0.0) + len(data) / now.get("bandwidth", 1e12))
        while (now := faults(control)).get("half_open") and not now.get("cut"):
            time.sleep(0.02)
        if chance.random() < now.get("lose", 0.0):
            note(now)
            continue
        if chance.random() < now.get("flip", 0.0):
            note(now)
            changed = bytearray(data)
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            data = bytes(changed)
        while data:
            data = data[os.write(target, data) :]


def note(now: dict[str, Any]) -> None:
    """Count a piece that was changed or lost."""
    with open(now["done"], "ab") as file:
        file.write(b".")


def watch(control: Path) -> None:
    """End all when it is cut, also while no byte comes."""
    while not faults(control).get("cut"):
        time.sleep(0.02)
    os._exit(3)


def main(control: Path, command: list[str]) -> None:
    """Run the command, with its stdin and stdout through us."""
    if faults(control).get("refuse") or faults(control).get("cut"):
        sys.exit("there is no way")
    seed = int(faults(control).get("seed", 0)) + os.getpid()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        there = 0, process.stdin.fileno()
        back = process.stdout.fileno(), 1
        for number, (source, target) in enumerate((there, back)):
            arguments = control, source, target, random.Random(seed + number)
            threading.Thread(target=ended, args=arguments, daemon=True).start()
        threading.Thread(target=watch, args=(control,), daemon=True).start()
        process.wait()


def ended(control: Path, source: int, target: int, chance: random.Random) -> None:
    """Copy, then end the other side's stream."""
    try:
        copy(control, source, target, chance)
    except OSError:
        pass  # one of them has gone
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
