"""Settings, policy presets and the sentences people read."""
