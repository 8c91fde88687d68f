"""Ready-made plotters, and parts of plotters. They live in the viewer; importing this brings no matplotlib.

`asyncplot.plotters.qt` has some of them for pyqtgraph.
"""

from .controls import Controls
from .grid import Grid
from .histogram import Histogram
from .history import History
from .image import Image
from .lines import Lines
from .scatter import Scatter

__all__ = ["Controls", "Grid", "Histogram", "History", "Image", "Lines", "Scatter"]
