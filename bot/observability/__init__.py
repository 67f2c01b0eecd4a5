"""What the bot says of itself: metrics, logs, health."""
