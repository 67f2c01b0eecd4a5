"""Everything outside that the core talks to, one folder a platform."""
