"""The timeline of a probe on standard output, a line for each thing as it happens: it is what a person asked for."""

from collections.abc import Sequence

from pxedoctor.cli.output import say, style_of_stdout
from pxedoctor.model.observation import Happening
from pxedoctor.model.target import Target
from pxedoctor.probe.asking import Asking
from pxedoctor.report.probe import render_happening, render_opening


class Timeline:
    """Says first who asks whom, and for how long the real client would; but not before there is a port to ask at.

    `left`: the reader has gone (`| head`). The probe goes on to its end, so that what it took it gives back.
    """

    def __init__(self) -> None:
        self.left: BrokenPipeError | None = None
        self._style = style_of_stdout()
        self._openings: list[str] = []
        self._several = False

    def begin(self, askings: Sequence[tuple[Target, Asking]], trees: frozenset[str]) -> None:
        self._several = len(askings) > 1
        self._openings = [
            render_opening(target, asking.profile, asking.bridge in trees, self._style, asking.vlan)
            for target, asking in askings
        ]

    def tell(self, happening: Happening) -> None:
        lines = [*self._openings, render_happening(happening, self._style, self._several)]
        self._openings = []
        if self.left is None:
            try:
                say("\n".join(lines))
            except BrokenPipeError as error:
                self.left = error


class NoTimeline:
    """For whoever wants the end of it alone."""

    left: BrokenPipeError | None = None

    def begin(self, _: Sequence[tuple[Target, Asking]], __: frozenset[str]) -> None:
        return None

    def tell(self, _: Happening) -> None:
        return None
