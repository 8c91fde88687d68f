"""The viewer: everything in the plotting interpreter. It never imports the compute side.

The path of a frame in the viewer::

    loop -> lanes -> inbox (mailbox.newest, frames.decode) -> the plotter's method -> drawing -> backend.paint

The main thread belongs to the GUI. A tick of the GUI's own loop reads the mailbox.
"""
