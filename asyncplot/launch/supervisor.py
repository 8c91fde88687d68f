"""The supervisor: the one process that `Server` starts. It starts the viewer (if asked to), watches it and ends it.

Run as a script, ``python -I -S supervisor.py DIRECTORY``, with the standard library only; one thread. ::

    computation                      supervisor                            viewer (own process group)
      holds a pipe  -- its end -->   stdin          stdin pipe  -- its end -->  ends
      is_alive      <-- one byte --  stdout: "it is up"; then the end of the pipe
      stderr        <-- [name] --    bounded log   <-- stdout, stderr --
      check()       <-- end.json --  reaps it      <-- exit --

It inherits the run directory as an open descriptor, and works by that and not by the path: if the run was
undone meanwhile, another run may have a directory of the same path. The path is for the viewer's command
line only.

The run has ended when the supervisor's stdin ends, whatever the reason. The supervisor then ends the viewer, stopped or not
(unless it persists), removes the run directory and ends. (A run that nobody holds any more ends with its viewer.)
It leads a session of its own, so a Ctrl-C in the terminal reaches neither it nor the viewer. Its files
have mode 0600 by its own umask; the viewer has the user's umask.

It forks before it imports anything: the computation waits for that. asyncplot, and its folders `launch` and `rundir`,
stand here as bare packages: their modules can be imported, and their ``__init__``, which imports much that is
not needed here, is not run.
"""

import os
import sys

#: The descriptor of the run directory.
RUN = 3

#: The packages that stand bare, and their folders.
_BARE = {"asyncplot": "", "asyncplot.launch": "launch", "asyncplot.rundir": "rundir"}


def main(directory: str) -> None:
    """Become the supervisor of the run in ``directory``: in a child, so that our parent can reap us at once."""
    if os.fork():
        os._exit(0)
    close_others()
    os.set_inheritable(RUN, False)
    make_bare_packages()
    try:
        supervise(directory)
    except OSError as error:  # a shortage: the computation goes on without a plot, and needs no traceback
        try:
            os.write(2, f"asyncplot: the supervisor of {directory} ends: {error}\n".encode(errors="replace"))
        except OSError:
            pass  # nobody reads it
        sys.exit(1)


def supervise(directory: str) -> None:
    """Start the viewer, watch it until the run has ended, and remove the run. Raises OSError if something is short."""
    from asyncplot.launch.watch import Supervisor

    try:
        supervisor = Supervisor(RUN)
    except FileNotFoundError:
        return  # the run was undone while we started
    os.write(1, b"\n")  # it is up
    if supervisor.launch.persist:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)
        os.close(devnull)
    # Imported only now, as the viewer is starting already: this takes as long as all of the above.
    from pathlib import Path

    from asyncplot.launch.marked import adopt_orphans
    from asyncplot.rundir.making import remove
    from asyncplot.rundir.run import sweep

    adopt_orphans()
    path = Path(directory)
    try:
        sweep(path.parent, own=path)
    except OSError:
        pass  # what dead runs left stays; the viewer, which has started, is watched in any case
    supervisor.watch()
    remove(path, RUN)


def close_others() -> None:
    """Close what the computation's own code lets its children inherit: it may be somebody's end of a pipe."""
    for name in os.listdir("/dev/fd"):
        if int(name) > RUN:
            try:
                os.close(int(name))
            except OSError:
                pass  # the one by which they were listed


def make_bare_packages() -> None:
    """Have the modules of asyncplot imported without the ``__init__`` of their packages."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name, folder in _BARE.items():
        bare = sys.modules[name] = type(sys)(name)
        bare.__path__ = [os.path.join(package, folder)]


if __name__ == "__main__":
    main(sys.argv[1])
