"""Who did it, in words for a person: the program that wrote, the one that called it, its unit, its user.

The writer (iptables, nft) is rarely the culprit: it is the tool of a program that is told by the first of its ancestors
that is neither such a tool nor a plain shell. A shell that a person types into is told as that person's.
"""

import itertools
import re
import shlex

from pxedoctor.verdict.happened import Asker, Who
from pxedoctor.watch.lineage import Lived, Told

# Programs that write rules for others; ufw has one of its own.
_TOOLS = re.compile(r"(ufw-init|x?(ip6?|eb|arp)?tables.*|nft|ipset|conntrack|ip|tc|bridge|sysctl)")
_SHELLS = frozenset(
    {"sh", "bash", "dash", "zsh", "ash", "ksh", "fish", "busybox", "env", "sudo", "su", "doas", "timeout"}
)
_INTERPRETERS = re.compile(r"(python[0-9.]*|perl|ruby|bash|sh|dash)")
# Programs that ask daemons; what they were told to ask for is told with them, also where a service runs them.
_ASKING = frozenset({"firewall-cmd", "systemctl", "service", "busctl", "gdbus", "dbus-send", "nmcli"})
_MOST_ASKED = 4
_PACKAGERS = ("apt", "apt-get", "aptitude", "unattended-upgr", "dpkg", "dnf", "yum", "rpm", "zypper", "pacman", "apk")
_SESSIONS = {"sshd": "ssh", "sshd-session": "ssh", "login": "a console", "cron": "cron", "crond": "cron", "atd": "at"}
_UNIT = re.compile(r"/([^/]+\.service)(/|$)")
_NOBODY_LOGGED_IN = 0xFFFFFFFF
_NAME = 15


def who(pid: int, name: str, chain: tuple[Lived, ...], asked: Asker | None = None) -> Who:
    """`name`: what the kernel called it when it acted; `chain` as Lineage.chain, empty where nothing is known; `asked`:
    who had it do so."""
    above = chain[1:]
    first = chain[0].told if chain else Told(name=name)
    # The outermost: whoever typed `apt-get install` did not type the dpkg that it runs.
    packager = next((program(lived.told) for lived in reversed(chain) if _word(lived.told) in _PACKAGERS), "")
    # A writer that is no tool is whom it is about, whoever started it: a daemon under a supervisor.
    caller = next((lived for lived in chain if not _is_tool(lived.told)), None)
    caller_told = caller.told if caller is not None and not _is_roof(caller) else None
    told = f"package upgrade ({packager})" if packager else (program(caller_told) if caller_told else "")
    return Who(
        pid=pid,
        name=name or first.name,
        command=shlex.join(first.command),
        ancestors=tuple(program(lived.told) for lived in above),
        caller=told,
        unit=unit_of(chain),
        session=next((_SESSIONS[word] for lived in chain if (word := _word(lived.told)) in _SESSIONS), ""),
        uid=first.uid,
        session_user=first.session_user if first.session_user != _NOBODY_LOGGED_IN else None,
        whole=_is_whole(chain),
        asked=asked,
    )


def asker(chain: tuple[Lived, ...]) -> Asker | None:
    """Who asked a daemon for a change; None where nothing is known of it. `chain` as Lineage.chain."""
    if not chain or not chain[0].told.name:
        return None
    caller = next((lived for lived in chain[1:] if not _is_tool(lived.told)), None)
    told = who(chain[0].pid, "", chain)
    return Asker(
        pid=chain[0].pid,
        program=typed(chain[0].told, _MOST_ASKED) if _word(chain[0].told) in _ASKING else program(chain[0].told),
        caller=program(caller.told) if caller is not None and not _is_roof(caller) else "",
        unit=told.unit,
        session=told.session,
        session_user=told.session_user,
    )


def _is_whole(chain: tuple[Lived, ...]) -> bool:
    """Up to one that was there before the keeper, or to the first process; and none of them may have been adopted."""
    if not chain or chain[-1].parent is not None:
        return False
    return bool(chain[-1].told.name) and not any(lived.orphan for lived in chain)


def at_work(chain: tuple[Lived, ...]) -> bool:
    """Whether the command that made a change is still running, and will change more: a firewall's reload, a script.

    Not so a daemon, which never ends: whoever started it is gone, or is the first process; and one that writes its
    rules itself (firewalld) says by its bus when it is done. `chain` as Lineage.chain.
    """
    if not chain or not _is_tool(chain[0].told):
        return False
    for lived, parent in itertools.pairwise(chain[1:]):
        if not _is_tool(lived.told):
            return lived.alive and parent.alive and not _is_roof(lived) and parent.pid != 1
    return False


def program(told: Told) -> str:
    """What a person would have typed: a script by its own name and words, a program by its name."""
    words = told.command
    if not words or ": " in words[0]:
        # A title that a daemon gave itself, as `sshd: root@pts/0` (setproctitle(3)).
        return told.name
    words = _applet(words)
    return _base(words[0]) if _is_daemon(told) and not _is_script(words) else typed(told)


def typed(told: Told, most: int = 2) -> str:
    """The program and its first words; of one whose command line was not seen, its name."""
    if not told.command:
        return told.name
    words = _applet(told.command)
    if _is_script(words):
        words = words[1:]
    return shlex.join((_base(words[0]), *words[1 : most + 1]))


def _applet(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if _base(words[0]) == "busybox" and len(words) > 1 else words


def _is_script(words: tuple[str, ...]) -> bool:
    return bool(_INTERPRETERS.fullmatch(_base(words[0]))) and len(words) > 1 and not words[1].startswith("-")


def unit_of(chain: tuple[Lived, ...]) -> str:
    """That of the nearest of them that is in one; "" where none is. `chain` as Lineage.chain."""
    return next((found for lived in chain if (found := unit(lived.told.cgroup))), "")


def unit(cgroup: str) -> str:
    """The innermost service of a cgroup path, not the user manager's own."""
    found = [match.group(1) for match in _UNIT.finditer(cgroup)]
    return next((name for name in reversed(found) if not name.startswith("user@")), "")


def _word(told: Told) -> str:
    """The program's bare name; of a script, the script's."""
    return program(told).partition(" ")[0][:_NAME].rstrip(":")


def _is_tool(told: Told) -> bool:
    word = _word(told)
    return word in _SHELLS or bool(_TOOLS.fullmatch(word))


def _is_roof(lived: Lived) -> bool:
    """The first process, a manager of sessions or a login: it starts everything and is to blame for nothing."""
    return lived.pid == 1 or _word(lived.told) in {*_SESSIONS, "systemd", "init", "tmux", "screen"}


def _is_daemon(told: Told) -> bool:
    return bool(unit(told.cgroup))


def _base(path: str) -> str:
    return path.rpartition("/")[2].lstrip("-") or path
