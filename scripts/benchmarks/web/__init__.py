"""``bench web``: pictures in a browser, beside matplotlib's own WebAgg.

`measure` has the figures and their limits. `browser` is a real Chromium, `counting.js` counts in its pages what was painted.
`sources` are the two plots, `stock` is the process with matplotlib's WebAgg, and `slow_line` is a line of 1 Mbit/s.
"""
