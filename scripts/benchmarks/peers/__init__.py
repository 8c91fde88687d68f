"""The same task with other libraries, one file for each.

Each module has ``WHAT`` (one line: what a call does) and a context manager ``hand_over()``. It starts the
receiver, and yields the call: a function of one array. ``PACE``, if there is one, is the time that the caller
computes between two calls.
"""
