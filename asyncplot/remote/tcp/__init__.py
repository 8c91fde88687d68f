"""Authenticated byte streams over TCP, for hosts without ssh: a listener, a connector, and what they share.

::

    computing host                                             plotting host
    supervisor <--stdin, stdout--> connector <====TCP====> listener (asyncplot serve) --starts--> viewer

Both ends prove that they know one secret before any other byte is looked at (`handshake`); TLS by
certificate may lie below (`tls`). What flows over the stream later is nothing that this part knows.
"""
