"""Benchmarks: ours beside what a user would run instead, as ratios in one run."""
