"""What the loopback servers of all platforms are made of."""
