"""Sessions: what a `Server` passes its calls on to. One with viewers, one in this process, and one that is switched off."""
