"""What asyncplot costs, measured: ``scripts/bench update``, and others beside it: ``scripts/bench peers``."""
