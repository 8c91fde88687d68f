"""Live figures under the cell of a notebook, while the cell computes. Imported in the kernel of a notebook only.

The viewer is another process. It draws while the kernel computes, and serves a page (see `asyncplot.viewer.web`). Here a thread
of the kernel looks at that page (`looker`), and passes each picture on to the notebook (`cell_view`). Whatever a kernel sends
reaches a notebook at once. What a notebook sends waits until the cell has ended, so nothing here waits for an answer.
"""
