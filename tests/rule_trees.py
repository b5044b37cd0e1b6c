"""Rules written as trees by hand: what a parser would make of them, without one."""

from collections.abc import Mapping

from pxedoctor.netfilter.condition import Condition, Name, Number, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import Family, Hook, Marks, Packet, Place, Seen
from pxedoctor.netfilter.syntax import Action, Chain, Dialect, End, Ends, Jump, NamedSet, Rule, Table

ACCEPT, DROP, RETURN = End(Ends.ACCEPT), End(Ends.DROP), End(Ends.RETURN)
LIMIT = Unmodelled("-m limit --limit 3/min")
FROM_VIRBR0 = Name(Field.IN_NAME, (("virbr0", False),))
TO_67 = Number(Field.DESTINATION_PORT, ((67, 67),))

DISCOVER = Packet(
    name="DISCOVER",
    ethertype=0x0800,
    source="0.0.0.0",
    destination="255.255.255.255",
    protocol=17,
    source_port=68,
    destination_port=67,
    mac_source="52:54:00:0d:0d:01",
    mac_destination="ff:ff:ff:ff:ff:ff",
    link_type="broadcast",
    state="NEW",
)

Parts = tuple[Condition | Action, ...]


def says(part: Condition | Action) -> str:
    """A text for a part, so that a test can name its rule."""
    match part:
        case End(verdict):
            return verdict.value
        case Jump(chain, goto):
            return f"{'goto' if goto else 'jump'} {chain}"
        case Unmodelled(text):
            return text
        case _:
            return type(part).__name__


def chain(name: str, *rules: Parts, hook: str = "", policy: str = "", priority: int = 0, kind: str = "filter") -> Chain:
    """Each rule is its parts; its text is what `says` makes of them, and its line its number."""
    trees = {
        number: Rule(chain=name, line=number, text=" ".join(says(part) for part in parts), parts=parts)
        for number, parts in enumerate(rules, start=1)
    }
    return Chain(
        name=name,
        line=0,
        text=name,
        reader=lambda _name, line, _text: trees[line],
        hook=hook,
        policy=policy,
        priority=priority,
        kind=kind,
        written=tuple((number, rule.text) for number, rule in trees.items()),
    )


def table(*chains: Chain, family: str = "ip", dialect: Dialect = "nft", sets: Mapping[str, NamedSet] = {}) -> Table:
    return Table(
        family=family,
        name="t",
        origin="by hand",
        dialect=dialect,
        chains={chain.name: chain for chain in chains},
        sets=dict(sets),
    )


def seen(
    packet: Packet = DISCOVER,
    hook: Hook = Hook.INPUT,
    family: Family = Family.IP,
    marks: Marks | None = None,
    device: str = "virbr0",
) -> Seen:
    return Seen(packet=packet, place=Place(family=family, hook=hook, in_device=device), marks=marks or Marks())
