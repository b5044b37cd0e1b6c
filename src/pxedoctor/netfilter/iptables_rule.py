"""One rule of iptables-save, `-A CHAIN ...`, to its parts. Never an error: what is not understood says so.

The words are taken in groups: one option with its value, one -m with its module's options, one -j with its target's.
"""

from pxedoctor.netfilter.condition import Condition, Unmodelled
from pxedoctor.netfilter.iptables_match import BASE, base, fragment, of_module
from pxedoctor.netfilter.iptables_target import TARGETS, of_target
from pxedoctor.netfilter.saved_values import Ip
from pxedoctor.netfilter.saved_words import plain, shown, words_of
from pxedoctor.netfilter.syntax import Action, Jump, Rule, Strange

# What begins a new group. A module's own options never look like this.
_STARTS = frozenset({*BASE, "-f", "-m", "-j", "-g"})
# Options whose value is free text and may look like the beginning of a group; libxtables quotes it only for spaces.
_TAKES_TEXT = frozenset({
    "--comment", "--string", "--hex-string", "--name", "--hashlimit-name", "--rateest-name", "--rateest1", "--rateest2",
    "--helper", "--path", "--nfacct-name", "--label", "--led-trigger-id", "--selctx", "--log-prefix", "--nflog-prefix",
    "--ulog-prefix", "--genre", "--match-set", "--add-set", "--del-set", "--map-set", "--timeout", "--object-pinned",
    "--bytecode", "--u32",
})  # fmt: skip
# Protocols whose options may follow -p without a -m, as people write them; listings always have the -m.
_IMPLIED = {"udp": "udp", "tcp": "tcp", "icmp": "icmp", "icmpv6": "icmp6", "ipv6-icmp": "icmp6"}


class IptablesReader:
    """The `syntax.RuleReader` of one table: it knows the chains that a rule of it may jump to."""

    def __init__(self, family: Ip, chains: frozenset[str]) -> None:
        self._family: Ip = family
        self._chains = chains

    def __call__(self, chain: str, line: int, text: str) -> Rule:
        try:
            words = words_of(text)
        except ValueError:
            return Rule(chain=chain, line=line, text=text, parts=(Unmodelled(text), Strange(text)))
        conditions, targets, comments = self._groups(words)
        actions = self._actions(targets, chain) if targets else _without_target(conditions, text)
        return Rule(chain=chain, line=line, text=text, parts=(*conditions, *actions), comment="; ".join(comments))

    def _groups(self, words: list[str]) -> tuple[list[Condition], list[list[str]], list[str]]:
        """(conditions, targets with their words, comments), from left to right behind `-A CHAIN`."""
        family, position, count, protocol = self._family, 2, len(words), ""
        conditions: list[Condition] = []
        targets: list[list[str]] = []
        comments: list[str] = []
        while position < count:
            begin = position
            negated = words[position] == "!" and position + 1 < count
            if negated:
                position += 1
            word = words[position]
            if word in BASE and position + 1 < count:
                if words[position + 1] == "!" and position + 2 < count and not negated:
                    # As iptables printed it long ago: `-i ! eth0`.
                    negated, position = True, position + 1
                value = words[position + 1]
                conditions.append(base(word, value, negated, family))
                protocol = _IMPLIED.get(value, "") if word == "-p" else protocol
                position += 2
                continue
            end = count if position + 2 >= count else _end_of_group(words, position)
            group, position = words[begin:end], end
            if word in ("-j", "-g"):
                targets.append(group)
            elif word == "-m" and not negated and len(group) > 1:
                if group[1] == "comment" and len(group) == 4 and group[2] == "--comment":
                    comments.append(plain(group[3]))
                else:
                    conditions += of_module(plain(group[1]), tuple(group[2:]), family)
            else:
                conditions += _other(group, protocol, family)
        return conditions, targets, comments

    def _actions(self, targets: list[list[str]], chain: str) -> tuple[Condition | Action, ...]:
        words = targets[0]
        if len(targets) > 1 or len(words) < 2 or words[0] == "!":
            return (Strange(shown([word for target in targets for word in target])),)
        flag, name = words[0], plain(words[1])
        if name in self._chains:
            # No program gives a chain the name of a target; whose it is then nobody can say.
            known = len(words) == 2 and name not in TARGETS
            return (Jump(name, flag == "-g") if known else Strange(shown(words)),)
        if flag == "-g":
            return (Strange(shown(words)),)
        return of_target(name, tuple(words[2:]), chain if name == "NETMAP" else "")


def _end_of_group(words: list[str], position: int) -> int:
    """The next word that begins a group (or the `!` before it), behind at least one word."""
    for end in range(position + 1, len(words)):
        if words[end] in _STARTS and words[end - 1] not in _TAKES_TEXT:
            return end - 1 if words[end - 1] == "!" and end - 1 > position else end
    return len(words)


def _without_target(conditions: list[Condition], text: str) -> tuple[Condition | Action, ...]:
    """Such a rule only counts, unless a word stands in it that belongs to nothing: then it is no rule of iptables."""
    lost = any(isinstance(part, Unmodelled) and not part.text.startswith(("-", "! -")) for part in conditions)
    return (Strange(text),) if lost else ()


def _other(group: list[str], protocol: str, family: Ip) -> tuple[Condition, ...]:
    """What is neither a base option nor -m nor a target."""
    if group in (["-f"], ["!", "-f"]):
        return (fragment(group[0] == "!"),)
    option = group[1] if group[0] == "!" and len(group) > 1 else group[0]
    if protocol and option.startswith("--"):
        return of_module(protocol, tuple(group), family)
    if len(group) == 3 and group[0] == "-c" and group[1].isdecimal() and group[2].isdecimal():
        return ()
    return (Unmodelled(shown(group)),)
