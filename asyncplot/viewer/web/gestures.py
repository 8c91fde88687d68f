"""What the user does on a page, as events of matplotlib. GUI thread.

In: messages that were checked (`messages.parsed`). Out: events on the figure's canvas, and buttons of its toolbar, as if there were
a window.
"""

from __future__ import annotations

from typing import Any

#: Our kinds of mouse events, by WebAgg's names for them.
_MOUSE = {
    "motion": "motion_notify",
    "press": "button_press",
    "release": "button_release",
    "double": "dblclick",
    "wheel": "scroll",
    "enter": "figure_enter",
    "leave": "figure_leave",
}

#: A browser's buttons, each one less than matplotlib's: left, middle, right, back and forward. matplotlib knows no other.
_BUTTONS = {0: 0, 1: 1, 2: 2, 3: 7, 4: 8}

#: Of the keys that are held, the first one of these stands before the key's name.
_HELD = ("ctrl", "alt", "shift")


def mouse(canvas: Any, message: dict[str, Any]) -> None:
    """Hand on what the mouse, a pen or a finger does."""
    button = _BUTTONS.get(message.get("button", 0))
    if button is None:
        return
    canvas.handle_event(
        {
            "type": _MOUSE[message["kind"]],
            "x": message["x"],
            "y": message["y"],
            "button": button,
            "buttons": message.get("buttons", 0),
            "step": message.get("step", 0),
            "modifiers": [word for word in message.get("modifiers", []) if word in {*_HELD, "meta"}],
            "guiEvent": None,
        }
    )


def key(canvas: Any, message: dict[str, Any]) -> None:
    """Hand on a key."""
    pressed, modifiers = message["key"], message.get("modifiers", [])
    names = {"ctrl": "Control", "alt": "Alt", "shift": "Shift"}
    held = next((word for word in _HELD if word in modifiers and names[word] != pressed), "")
    # WebAgg's way to write it: `shift+kA`, `kEnter`.
    canvas.handle_event(
        {"type": f"key_{message['kind']}", "key": f"{held}+k{pressed}" if held else f"k{pressed}"}
    )


def tool(canvas: Any, name: str) -> None:
    """Press a button of the toolbar: home, back, forward, pan or zoom."""
    if canvas.toolbar is not None:
        getattr(canvas.toolbar, name)()
