"""Authenticated byte streams over TCP, for hosts without ssh: a listener, a connector, and what both need.

::

    computing host                                             plotting host
    supervisor <--stdin, stdout--> connector <====TCP====> listener (asyncplot serve) --starts--> viewer

First, both ends prove that they know one secret (`handshake`); no other byte is looked at before. With a
certificate, TLS lies below (`tls`). This part does not know what flows over the stream later: it is a relay's.

Why not by asyncio? A viewer gets the TCP socket itself as its stdin and stdout, so not one byte may be read ahead;
asyncio's streams read as much as comes, and its functions for sockets take none with TLS. Its TLS streams cannot end
one direction alone (``write_eof`` raises NotImplementedError). And if no descriptor is left, it accepts nothing for
1 s, where this listener closes the oldest stranger.
"""
