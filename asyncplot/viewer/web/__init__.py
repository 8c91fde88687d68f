"""The web viewer: the figures of a plotter on a page, in any browser.

The asyncio loop on the viewer's main thread is GUI loop and server at once. One more thread encodes pictures.
In: what was drawn (`Sheet`), and what the pages say (`Page`). Out: pictures, one message for all boxes that changed since the
picture that a page painted last. A page that is slow gets what changed meanwhile in one piece, and never a queue.
"""
