"""The desk: one door for adapters, behind which each event has a handler of its own."""

from __future__ import annotations

from handlers.command import CommandHandler
from handlers.press import PressHandler
from handlers.report import ReportHandler
from handlers.standing import StandingHandler


class FrontDesk:
    """Fits `ports.Desk`."""

    def __init__(
        self,
        presses: PressHandler,
        reports: ReportHandler,
        commands: CommandHandler,
        standings: StandingHandler,
    ) -> None:
        self.press = presses.press
        self.report = reports.report
        self.flag = reports.flag
        self.command = commands.command
        self.stand = standings.stand
        self.move = standings.move
        self.miss = standings.miss
