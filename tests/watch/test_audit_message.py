"""What the kernel's audit says of a changed table: records in the words of kernel/auditsc.c."""

from pxedoctor.watch.audit_message import Configured, parse

REPLACED = (
    "audit(1764136021.000:7): table=filter:5 family=2 entries=8 op=xt_replace pid=4711 "
    'subj=unconfined comm="iptables-legacy"'
)


def record(text: str, kind: int = 1325) -> Configured | None:
    return parse(kind, text.encode() + b"\0")


def test_a_change_by_iptables_legacy_names_its_process() -> None:
    assert record(REPLACED) == Configured(table="filter", pid=4711, name="iptables-legacy")


def test_a_name_that_cannot_be_printed_is_read_from_its_digits() -> None:
    text = REPLACED.replace('comm="iptables-legacy"', "comm=6576696C0A")
    assert record(text) == Configured(table="filter", pid=4711, name="evil\n")


def test_nf_tables_is_heard_elsewhere_and_other_records_are_none() -> None:
    assert record(REPLACED.replace("xt_replace", "nft_register_rule")) is None
    assert record(REPLACED, kind=1300) is None
    assert record("audit(1764136021.000:7): table=filter") is None
