"""The processes of a viewer that have left its process group: found by the code in their command lines, and killed.

Supervisor, its only thread; standard library only. In: the code that the viewer's interpreter was given, which names its run
and its number; and ``/proc``. Out: signals. On a system without ``/proc`` there is the process group alone.

Only processes below this one are looked at: those that it started, and theirs. A process whose parent has ended is
found, too: `adopt_orphans` makes this process its new parent. What a viewer started with another command line and in a session of
its own stays: a browser that was opened, or the connection that ssh shares with other terminals.
"""

from __future__ import annotations

import os
import signal

from ..rundir.processes import below

#: The number of ``prctl`` by which a process becomes the parent of orphans below it (Linux).
_PR_SET_CHILD_SUBREAPER = 36

#: A process may fork while it is looked for. So many times it is looked again.
_ROUNDS = 5


def adopt_orphans() -> None:
    """Become the parent of each process below this one whose own parent ends. Linux; elsewhere nothing."""
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(own: set[int]) -> None:
    """Reap the adopted processes that have ended. The ends of ``own`` children are noted elsewhere."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in own:
            return  # SIGCHLD has woken us for that one, too, so this function is called again
        os.waitpid(ended.si_pid, os.WNOHANG)


def kill_marked(code: bytes) -> None:
    """Kill the processes below this one whose command lines hold ``code``, with the process groups that they lead."""
    for _ in range(_ROUNDS):
        found = [
            process.pid
            for process in below(os.getpid())
            if process.state != "Z" and _holds(process.pid, code)
        ]
        for pid in found:
            _kill(pid, code)
        if not found:
            return


def _kill(pid: int, code: bytes) -> None:
    """Kill a process, if it is still the one; and its group, if it leads one."""
    try:
        process = os.pidfd_open(pid)
    except (OSError, AttributeError):
        process = -1  # it has ended, or the system has none
    try:
        if _holds(pid, code):
            if os.getpgid(pid) == pid:
                os.killpg(pid, signal.SIGKILL)
            elif process >= 0:
                signal.pidfd_send_signal(process, signal.SIGKILL)
            else:
                os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        if process >= 0:
            os.close(process)


def _holds(pid: int, code: bytes) -> bool:
    """Whether the command line of a process holds the code."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return code in file.read()
    except OSError:
        return False
