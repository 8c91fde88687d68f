"""The hub: one page that lists all runs of the user, and opens them. ``asyncplot hub`` runs it, on an asyncio loop.

It owns no data. It looks at the files of the runs, and passes on what viewers send. So nothing is lost if it is killed: its
viewers end with it, and the runs go on. While no page is open, it does nothing.

::

    run directories --> Survey --> Roster --> Desk        == websocket ==> page: cards
    other hosts     --> Survey                Thumbnails  == websocket ==> page: small pictures
    keeper process  --> Openings --> Passage  == websocket, files ==> page: the viewer's own page, in a frame
"""
