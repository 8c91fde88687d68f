"""Runs cells in a real kernel, as papermill and nbconvert do, and notes each message. In a process of its own: it keeps an event loop.

In: JSON on the command line: the cells, and the order of their execution. Out: JSON: the messages, and the outputs of the cells.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import nbclient
import nbformat

KEPT = {"display_data", "update_display_data", "execute_result", "stream", "error", "status"}


class Client(nbclient.NotebookClient):
    """Notes the messages, with the number of the execution that was going on."""

    execution = -1
    messages: list[dict[str, Any]] = []  # noqa: RUF012 (traitlets: not shared, there is one client)

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Note a message, then handle it as always."""
        content = msg["content"]
        if msg["msg_type"] in KEPT:
            self.messages.append(
                {"type": msg["msg_type"], "execution": self.execution, "at": time.time(), **content}
            )
        return super().process_message(msg, cell, cell_index)


def main(sources: list[str], order: list[int]) -> None:
    """Execute the cells in this order, and print what came of it."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    client = Client(nbformat.v4.new_notebook(cells=cells), timeout=50, kernel_name="here", allow_errors=True)
    with client.setup_kernel():
        for client.execution, index in enumerate(order):
            client.execute_cell(cells[index], index)
    print(json.dumps({"messages": client.messages, "outputs": [cell.outputs for cell in cells]}))


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
