"""What happens on each event, one file an event. No platform is named here."""
