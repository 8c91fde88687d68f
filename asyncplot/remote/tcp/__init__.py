"""Authenticated byte streams over TCP, for hosts without ssh: a listener, a connector, and what both need.

::

    computing host                                             plotting host
    supervisor <--stdin, stdout--> connector <====TCP====> listener (asyncplot serve) --starts--> viewer

First, both ends prove that they know one secret (`handshake`); no other byte is looked at before. With a
certificate, TLS lies below (`tls`). This part does not know what flows over the stream later: it is a relay's.

Why not by asyncio? A viewer gets the TCP socket itself as its stdin and stdout, and asyncio's streams do not give
theirs away. Its TLS streams cannot end one direction alone (``write_eof`` raises NotImplementedError). And where no
descriptor is left it stops accepting for 1 s, where this listener closes the oldest stranger.
"""
