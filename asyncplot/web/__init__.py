"""What serves pages to browsers: who may ask, where it listens, and the files of the page. For viewers and the hub.

It owns no data. A viewer shows one run by it (`asyncplot.viewer.web`).
"""
