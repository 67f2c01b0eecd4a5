"""The flow: what waits in Redis, and the embedded server that it waits in."""
