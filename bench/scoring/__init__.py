"""Each engine on one checkpoint, the same texts and cores: `python -m bench.scoring`."""
