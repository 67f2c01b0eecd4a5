"""Scoring: Detoxify, in a process of its own, in batches.

Windows of text wait and are grouped (`waiting`), and `batching` holds it together. It asks a
`host`: a `process` that serves an engine (`serving`, `frames`, `loading`, `engines`) and cuts text
into `windows`. Which model, and whether it is what it should be, is for `models`, `checkpoints`,
`pins`, `download` and `hub`.

`reference` is Detoxify itself. `fast` runs what `conversion` keeps in the data folder
(`converted`); what is not there another process makes (`converting`, `converter`, `export`), and
it lets nothing serve that differs from Detoxify (`parity`, `check_texts`). `open_scorer` is the
way in.
"""
