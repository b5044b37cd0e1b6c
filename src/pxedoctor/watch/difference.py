"""What is different after a burst: findings that appeared, cleared or changed."""

from collections.abc import Iterator

import msgspec

from pxedoctor.verdict.happened import EventWord, Standing


class Difference(msgspec.Struct, frozen=True):
    word: EventWord
    standing: Standing


def differences(before: tuple[Standing, ...], after: tuple[Standing, ...]) -> tuple[Difference, ...]:
    """In the order of the road; what cleared comes last."""
    return tuple(_differences(_by_key(before), _by_key(after)))


def _differences(
    before: dict[tuple[str, str], Standing], after: dict[tuple[str, str], Standing]
) -> Iterator[Difference]:
    for key, standing in after.items():
        if key not in before:
            yield Difference(EventWord.APPEARED, standing)
        elif _told(before[key]) != _told(standing):
            yield Difference(EventWord.CHANGED, standing)
    for key, standing in before.items():
        if key not in after:
            yield Difference(EventWord.CLEARED, standing)


def _by_key(standings: tuple[Standing, ...]) -> dict[tuple[str, str], Standing]:
    """One cause at one place may be a fault for one guest and a risk for another."""
    return {(standing.id, standing.severity): standing for standing in standings}


def _told(standing: Standing) -> tuple[object, ...]:
    return standing.certainty, standing.headline, standing.targets
