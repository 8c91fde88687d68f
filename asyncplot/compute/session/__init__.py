"""Sessions: a `Server` passes its calls on to one. A session is live, inline, or off."""
