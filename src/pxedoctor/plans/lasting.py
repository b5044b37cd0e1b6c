"""What makes a bridge's setting outlast the next start: a step where one owner is known, else words for a person."""

import msgspec

from pxedoctor.model.bridge_owner import Claim, Setting, Unclear
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.show_only import ShowOnly
from pxedoctor.plans.step import Step

# The first of an owner's is what its manual says; the others come to the same.
_OLD_WAYS = 1


class Lasting(msgspec.Struct, frozen=True, kw_only=True):
    """One of the first two is empty: the step, or why there is none and what a person does instead.

    `shown`: what manuals say in its place.
    """

    steps: tuple[Step, ...] = ()
    told: str = ""
    shown: tuple[ShowOnly, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return (self.told,) if self.told else ()


def lasting(host: Host, bridge: str, wish: Setting) -> Lasting:
    if isinstance(host.network_files, Missing):
        return Lasting(told=f"{_ends(bridge)}: where {bridge} is configured was not read ({host.network_files.why}).")
    # Late, as below: seventeen modules that only a repair needs.
    from pxedoctor.plans.owners import claims_on

    claims = claims_on(host, bridge)
    if not claims:
        return Lasting(told=f"{_ends(bridge)}: no file that pxedoctor knows says who makes {bridge}.")
    if len(claims) > 1:
        places = "; ".join(f"{claim.owner} in {claim.place or 'no file'}" for claim in claims)
        return Lasting(told=f"{_ends(bridge)}: {bridge} is configured {len(claims)} times: {places}. Decide for one.")
    return _by_its_owner(host, claims[0], wish)


def _by_its_owner(host: Host, claim: Claim, wish: Setting) -> Lasting:
    from pxedoctor.plans.bridge_file import ConfigureBridge
    from pxedoctor.plans.owners import owner_named
    from pxedoctor.plans.owners.owner import Told

    where = f"{claim.owner}, {claim.place}" if claim.place else claim.owner
    if isinstance(claim.setting, Unclear):
        return Lasting(told=f"{_ends(claim.bridge)}; for good, by hand in {where}: {claim.setting.why}.")
    if claim.setting.silence <= wish.silence:
        return Lasting(told=f"For good it is so already: {where} makes {_words(claim.setting)} at the next start.")
    owner = owner_named(claim.owner)
    shown = tuple(
        ShowOnly(old.command.replace("BR", claim.bridge), f"It {old.why}.") for old in owner.NEVER[:_OLD_WAYS]
    )
    change = owner.change(host, claim, wish)
    if isinstance(change, Told):
        instead = f" ({change.instead})" if change.instead else ""
        return Lasting(told=f"{_ends(claim.bridge)}; for good, by hand: {change.because}{instead}.", shown=shown)
    step = ConfigureBridge(owner=claim.owner, bridge=claim.bridge, words=_words(wish), change=change)
    return Lasting(steps=(step,), shown=shown)


def _ends(bridge: str) -> str:
    return f"The live change of {bridge} ends with its next start"


def _words(setting: Setting) -> str:
    return f"a forward delay of {setting.delay:g} s" if setting.stp else "STP off"
