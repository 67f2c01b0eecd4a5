"""Scoring: Detoxify, off the event loop, in batches.

Text becomes windows (`windows`), windows wait and are grouped (`waiting`), a model in a thread of
its own scores them (`engines`, `thread`), and `batching` holds it together. Which model, and
whether it is what it should be, is for `models`, `checkpoints`, `pins`, `download` and `hub`.

`reference` is Detoxify itself. `fast` runs what `conversion` keeps in the data folder (`converted`),
and has made by a child process (`child`, `converter`, `export`) if it is not there; the child
serves nothing that differs from Detoxify (`parity`, `check_texts`). `open_scorer` is the way in.
"""
