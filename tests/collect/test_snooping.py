"""Who queries for multicast, and which ports get it: texts of iproute2 6.1 and of the kernel 6.18."""

import json

import pytest

from pxedoctor.access.answer import Absent, Answer, Answers, Text, dump_question, read_question, run_question
from pxedoctor.access.netlink_bridge import QUERIERS
from pxedoctor.collect.ask.bridges import MEMBERS, NET
from pxedoctor.collect.ask.links import LINKS
from pxedoctor.collect.ask.system import KERNEL
from pxedoctor.collect.snooping import snooping_of
from pxedoctor.model.bridge import Snooping
from pxedoctor.model.fact import Missing

FOLDER = f"{NET}/br0/bridge"
MDB = """[{"mdb":[{"index":2,"dev":"br0","port":"eno1","grp":"ff02::1:2","state":"temp","flags":[]},
{"index":2,"dev":"br0","port":"vnet3","grp":"ff02::6a","state":"temp","flags":[]},
{"index":3,"dev":"br1","port":"eno2","grp":"ff02::1:2","state":"temp","flags":[]}],
"router":{"br0":[{"port":"vnet4"}]}}]"""


def answers(heard: int | None, own: str = "0", kernel: str = "6.18.1", **others: Answer) -> Answers:
    return {
        read_question(f"{FOLDER}/multicast_snooping"): Text("1\n"),
        read_question(f"{FOLDER}/multicast_querier"): Text(f"{own}\n"),
        read_question(KERNEL): Text(f"{kernel}\n"),
        dump_question(QUERIERS): Text(json.dumps(["br0", heard]) + "\n"),
        run_question(LINKS): Text('[{"ifindex":7,"ifname":"vnet4"}]'),
        run_question(MEMBERS): Text(MDB),
        **others,
    }


def test_another_querier_is_named_by_its_port() -> None:
    assert snooping_of(answers(7), "br0") == Snooping(querier="vnet4", members=("eno1", "vnet4"))


def test_the_bridge_itself() -> None:
    assert snooping_of(answers(None, own="1"), "br0") == Snooping(querier="br0", members=("eno1", "vnet4"))
    assert snooping_of(answers(0), "br0") == Snooping(querier="br0", members=("eno1", "vnet4"))


def test_none_where_the_kernel_could_tell_of_one() -> None:
    assert snooping_of(answers(None), "br0") == Snooping(querier="")


@pytest.mark.parametrize("kernel", ["5.15.0-91-generic", "4.18.0-553.el8", "", "six"])
def test_an_older_kernel_cannot_tell(kernel: str) -> None:
    assert isinstance(snooping_of(answers(None, kernel=kernel), "br0"), Missing)


def test_no_snooping_or_nobody_asked() -> None:
    off = answers(7) | {read_question(f"{FOLDER}/multicast_snooping"): Text("0\n")}
    assert snooping_of(off, "br0") is None
    assert snooping_of({read_question(f"{FOLDER}/multicast_snooping"): Text("1\n")}, "br0") is None


def test_what_could_not_be_had() -> None:
    assert isinstance(snooping_of(answers(7) | {dump_question(QUERIERS): Absent("saved")}, "br0"), Missing)
    assert snooping_of(answers(7) | {run_question(MEMBERS): Absent("no bridge(8)")}, "br0") == Snooping(
        querier="vnet4", members=None
    )
