"""Scoring: Detoxify, off the event loop, in batches.

Text becomes windows (`windows`), windows wait and are grouped (`waiting`), a model in a thread of
its own scores them (`engines`, `thread`, `reference`), and `batching` holds it together. Which
model, and whether it is what it should be, is for `models`, `checkpoints`, `pins`, `download`
and `hub`. `open_scorer` is the way in.
"""
