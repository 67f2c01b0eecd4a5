"""Scoring: Detoxify, off the event loop, in batches.

Text becomes windows (`windows`), windows wait and are grouped (`waiting`), a model in a thread of
its own scores them (`engines`, `thread`), and `batching` holds it together. Which model, and
whether it is what it should be, is for `models`, `checkpoints`, `pins`, `download` and `hub`.

`reference` is Detoxify itself. `fast` runs what `conversion` keeps in the data folder
(`converted`); what is not there a child process makes (`child`, `converter`, `export`), and it lets
nothing serve that differs from Detoxify (`parity`, `check_texts`). `open_scorer` is the way in.
"""
