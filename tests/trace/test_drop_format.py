"""What the `format` file of kfree_skb says, from Linux 4.18 to 6.18: as include/trace/events/skb.h has it there."""

import pytest

from pxedoctor.trace.drop_format import NEITHER, NO_PLACE, NO_REASON, lacking

HEAD = """\
name: kfree_skb
ID: 1310
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:void * skbaddr;\toffset:8;\tsize:8;\tsigned:0;
\tfield:void * location;\toffset:16;\tsize:8;\tsigned:0;
"""
PROTOCOL = "\tfield:unsigned short protocol;\toffset:24;\tsize:2;\tsigned:0;\n"
REASON = "\tfield:enum skb_drop_reason reason;\toffset:28;\tsize:4;\tsigned:0;\n"
NAMES = '__print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" }, { 3, "NO_SOCKET" })'
OLD = f'{HEAD}{PROTOCOL}\nprint fmt: "skbaddr=%p protocol=%u location=%p", REC->skbaddr, REC->protocol, REC->location\n'
# Of Debian bullseye's kernel, booted.
OF_5_10 = OLD.replace("ID: 1310", "ID: 1338")
WITH_REASON = (
    f"{HEAD}{PROTOCOL}{REASON}\n"
    f'print fmt: "skbaddr=%p protocol=%u location=%p reason: %s", REC->skbaddr, REC->protocol, REC->location, {NAMES}\n'
)
WITH_PLACE = WITH_REASON.replace("location=%p ", "location=%pS ")
WITH_SOCKET = (
    f"{HEAD}\tfield:void * rx_sk;\toffset:24;\tsize:8;\tsigned:0;\n{PROTOCOL}{REASON}\n"
    f'print fmt: "skbaddr=%p rx_sk=%p protocol=%u location=%pS reason: %s", REC->skbaddr, REC->rx_sk, {NAMES}\n'
)


@pytest.mark.parametrize(
    ("kernel", "text", "lacks"),
    [
        ("4.18", OLD, NEITHER),
        ("5.10", OF_5_10, NEITHER),
        ("5.14", OLD, NEITHER),
        ("5.14 as RHEL 9 has it since 9.2", WITH_REASON, NO_PLACE),
        ("6.1", WITH_REASON, NO_PLACE),
        ("6.8", WITH_PLACE, ""),
        ("6.12", WITH_SOCKET, ""),
        ("none known: a place without a reason", OLD.replace("location=%p", "location=%pS"), NO_REASON),
        ("none known: nothing that is understood", "", NEITHER),
    ],
)
def test_what_a_kernel_does_not_tell(kernel: str, text: str, lacks: str) -> None:
    assert lacking(text) == lacks, kernel


def test_where_addresses_have_names_the_place_is_told() -> None:
    assert lacking(OF_5_10, named=True) == NO_REASON
    assert lacking(WITH_REASON, named=True) == ""


def test_a_reason_that_is_only_in_the_words_is_none() -> None:
    assert lacking(OLD.replace("location=%p", "location=%pS reason: none")) == NO_REASON
