"""What a target is called, in words for a person."""

from pxedoctor.model.target import Target


def target_words(target: Target) -> list[str]:
    """Its guest, or the lack of one, and where it is plugged in: to be joined by dots."""
    network = f" (network {target.network})" if target.network else ""
    match target.kind:
        case "nic":
            plugged = f"on {target.bridge}" if target.bridge else "on no bridge"
            if target.direct is not None:
                plugged = f"a part of {target.direct.lower} (macvtap, {target.direct.mode})"
            place = (
                f"{target.tap} {plugged}" if target.tap else f"{'no tap' if target.running else 'shut off'}, {plugged}"
            )
            return [target.guest or "", *([target.mac] if target.mac else []), place + network]
        case "tap":
            return [f"{target.tap} on {target.bridge}{network}", "no libvirt guest"]
        case "network":
            return [f"network {target.network}", target.bridge or "no bridge", "no guest"]
        case _:
            return [f"bridge {target.bridge}", f"no guest{network}"]
