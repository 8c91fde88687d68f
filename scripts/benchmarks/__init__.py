"""What asyncplot costs (``scripts/bench update``), and what others cost (``scripts/bench peers``)."""
