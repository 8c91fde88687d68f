"""`Lines` and `Image` on pyqtgraph, under the same names: for hundreds of frames a second.

Importing this brings neither Qt nor pyqtgraph: the window is made in the viewer, at the first ``update``.
They need a viewer with Qt (``Server(..., backend="qt")``, the default where Qt is installed) and pyqtgraph
(``pip install asyncplot[pyqtgraph]``).
"""

from .image import Image
from .lines import Lines

__all__ = ["Image", "Lines"]
