"""Training, evaluation and the files of `mini`, the small model that Aman bundles."""
