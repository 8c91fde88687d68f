"""The same hand-over by others, one file each.

Each module has ``WHAT`` (one line: what a call does) and a context manager ``hand_over()``, which starts
whatever receives, and yields the call: a function of one array. ``PACE`` says how long the caller computes
between two calls, where it is not the usual.
"""
