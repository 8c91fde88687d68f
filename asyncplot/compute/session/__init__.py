"""Sessions: a `Server` passes its calls on to one. It has viewers, runs in this process, or is switched off."""
