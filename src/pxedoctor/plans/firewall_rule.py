"""Steps that put one accepting rule before all others of a chain, in the chain's own language: iptables or nft."""

import shlex
from typing import Literal

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import RulesText
from pxedoctor.plans.firewall_listing import first_in_nft_json, first_in_nft_text, first_in_saved, with_changed
from pxedoctor.plans.firewall_opening import Admitted
from pxedoctor.plans.request import RemoveNftRule, Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Undo


class InsertIptablesRule(msgspec.Struct, frozen=True, kw_only=True):
    """`iptables -I`. `program` is the variant that has the table (iptables, ip6tables, iptables-legacy, ...).

    `listing` is the command that listed the table, and `what` says what is let through.
    """

    program: str
    family: Literal["ip", "ip6"]
    chain: str
    admits: Admitted
    what: str
    table: str = "filter"
    listing: str = ""
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def _argv(self, action: str) -> tuple[str, ...]:
        table = () if self.table == "filter" else ("-t", self.table)
        return (self.program, "-w", *table, action, self.chain, *self.admits.iptables(), "-j", "ACCEPT")

    def describe(self) -> str:
        return f"accept {self.what}, before all other rules of {self.chain}"

    def argv(self) -> tuple[str, ...]:
        return self._argv("-I")

    def unless_there(self) -> str:
        """As a shell does it where that rule is not there yet; of plain words."""
        return f"{shlex.join(self._argv('-C'))} 2>/dev/null || {shlex.join(self._argv('-I'))}"

    def simulate(self, host: Host) -> Host | Assumed:
        return with_changed(host, self._inserted) or Assumed(f"{self.chain} accepts {self.what}")

    def _inserted(self, listing: RulesText) -> str | None:
        if listing.dialect != "iptables-save" or listing.family != self.family:
            return None
        if (self.listing and listing.origin != self.listing) or self.table in listing.except_tables:
            return None
        return first_in_saved(listing.text, self.table, self.chain, f"{' '.join(self.admits.iptables())} -j ACCEPT")

    def undo(self, host: Host) -> Undo:
        argv = self._argv("-D")
        return Inverse(f"take that rule out of {self.chain} again", argv, Run(argv, only_if=self._argv("-C")))

    def request(self) -> Request:
        return Run(self.argv())


class InsertNftRule(msgspec.Struct, frozen=True, kw_only=True):
    """`nft insert rule`, with a comment by which its undo finds it again: nft deletes by handle alone."""

    family: str
    table: str
    chain: str
    admits: Admitted
    comment: str
    what: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    @property
    def rule(self) -> str:
        """As it would stand in a file."""
        return f"{' '.join(self.admits.nft())} accept"

    def describe(self) -> str:
        return f"accept {self.what}, before all other rules of {self.chain} in table {self.family} {self.table}"

    def argv(self) -> tuple[str, ...]:
        words = (*self.admits.nft(), "accept", "comment", f'"{self.comment}"')
        return ("nft", "insert", "rule", self.family, self.table, self.chain, *words)

    def simulate(self, host: Host) -> Host | Assumed:
        return with_changed(host, self._inserted) or Assumed(f"{self.chain} accepts {self.what}")

    def _inserted(self, listing: RulesText) -> str | None:
        table = (self.family, self.table)
        if listing.dialect == "nft-json":
            rule: dict[str, object] = {"comment": self.comment, "expr": [*self.admits.nft_json(), {"accept": None}]}
            return first_in_nft_json(listing.text, table, self.chain, rule)
        if listing.dialect == "nft-text":
            return first_in_nft_text(listing.text, table, self.chain, f'{self.rule} comment "{self.comment}"')
        return None

    def undo(self, host: Host) -> Undo:
        where = (self.family, self.table, self.chain)
        place = shlex.join(where)
        # What a person would type; the comment holds no character that sed or a shell knows.
        handle = f"nft -a list chain {place} | sed -n 's/.*\"{self.comment}\" # handle //p'"
        typed = ("sh", "-c", f"nft delete rule {place} handle $({handle})")
        return Inverse(f"take that rule out of {self.chain} again", typed, RemoveNftRule(*where, self.comment))

    def request(self) -> Request:
        return Run(self.argv())
