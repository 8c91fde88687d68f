"""A viewer somewhere else: on another host, or in a container. All that knows of other hosts is here.

::

    beside the computation                                     beside the viewer
    mailbox --> source === ssh's stdin and stdout, or TCP ===> mirror --> a run directory of its own --> viewer
    viewer-N <-- results, state, sent values, requests <=====  mirror <-- viewer-1

A **source** is one more reader of the run. It sends frames to a **mirror**, which makes a run directory on its
host. So neither the computation nor the viewer knows of the relay, and what works with a run works with its mirror.
At most one message with frames is under way. Newer frames supersede each other in the mailbox, so only frames that
will be drawn cross.

=====================  ===========================================================================================
`reach`, `finder`      start asyncplot's code on another host; find a run there
`trust`                whether the code of another host may run here
`link`                 a mirror and the connection that feeds it, made anew when it is lost
`source`, `mirror`     the two ends of a relay
`wire`, `coding`       the messages between them; how a record with typed fields becomes bytes
`channel`              sends and receives messages
`compression`          packs frames where the link is slow
`forwarding`           requests to the live plotter, through the relay
`viewer_connection`    the connection to the control socket of a viewer of this host
`tcp`                  authenticated streams over TCP, for hosts without ssh
=====================  ===========================================================================================
"""
