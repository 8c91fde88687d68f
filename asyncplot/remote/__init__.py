"""The relay: frames for a viewer that cannot map the run directory, because it is on another host or in a container.

::

    beside the computation                                  beside the viewer
    mailbox --> Source == rpyc over ssh's stdin, stdout ==> Mirror --> mailbox of its own --> viewer
    viewer-N <-- results, state, sent values, requests <==                 its viewer-1 <--

`Source` is a reader like any viewer; `Mirror` makes a run directory like any computation's. So neither the
computation nor the viewer knows of the relay, and whatever works with a run works with its mirror. One
``update`` is in flight; what is newer waits in the mailbox, and only frames that will be drawn cross.
"""
