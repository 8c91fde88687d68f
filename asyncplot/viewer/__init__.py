"""The viewer: everything in the plotting interpreter. It never imports the compute side.

The straight path of a frame goes on here, one hop per file::

    mailbox.newest -> frames.decode -> loop -> the plotter's method -> redraw

The main thread belongs to the GUI; reading the mailbox is a tick of the GUI's own loop.
"""
