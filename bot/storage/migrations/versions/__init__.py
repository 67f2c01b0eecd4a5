"""One file a revision, the oldest first; what has been released is never changed."""
