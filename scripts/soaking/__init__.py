"""What asyncplot stands, tried out: ``scripts/soak``. Each campaign is one file; `campaigns` lists them."""
