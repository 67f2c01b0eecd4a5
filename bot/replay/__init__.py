"""Replay: an exported history through the real pipeline, acting on nothing."""

from bot.replay.decisions import decisions_file
from bot.replay.export import Export, open_export, recognise
from bot.replay.output import output_file
from bot.replay.report import render
from bot.replay.run import Progress, replay
from bot.replay.summary import Summary

__all__ = [
    "Export",
    "Progress",
    "Summary",
    "decisions_file",
    "open_export",
    "output_file",
    "recognise",
    "render",
    "replay",
]
