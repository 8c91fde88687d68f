"""`Lines` and `Image` on pyqtgraph, with the same names, for hundreds of frames a second.

Importing this imports neither Qt nor pyqtgraph: the window is made in the viewer, at the first ``update``. The viewer must
have Qt (``Server(..., backend="qt")``, the default if Qt is installed) and pyqtgraph (``pip install asyncplot[pyqtgraph]``).
"""

from .image import Image
from .lines import Lines

__all__ = ["Image", "Lines"]
