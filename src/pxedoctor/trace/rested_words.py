"""What a witness that has rested says of it: what it did not see, and why that was nobody's need."""

from pxedoctor.model.traced import WitnessName

_RESTED = {
    WitnessName.FRAMES: "it does not look at what comes in by others' ports",
    WitnessName.KERNEL: "it tells nothing",
    WitnessName.RULES: "it has no chains at the hooks, and others' rules tell alone",
}


def rested_words(name: WitnessName, missed: int, unwatched: int) -> str:
    """`missed`: how often it was called while it rested; `unwatched`: how many questions came meanwhile.

    "" where it was there whenever the guest spoke.
    """
    if not missed and not unwatched:
        return ""
    rests = f"while the guest is silent or answered {_RESTED[name]}"
    if missed:
        return f"{rests}; what it was called for was not told so, and the next try was"
    return f"{rests}, as {unwatched} of its questions passed"
