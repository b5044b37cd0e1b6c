"""One option with its values: how it is shown, and what becomes of one that nobody understands."""

import pytest

from pxedoctor.netfilter.condition import Always, Unmodelled
from pxedoctor.netfilter.saved_use import Use, conditions, device


def test_an_option_is_shown_as_it_stands_in_the_rule() -> None:
    assert Use("--dport", ("67",), True, "udp").text == "-m udp ! --dport 67"
    assert Use("--ip-dport", ("67",), False).text == "--ip-dport 67"


def test_the_number_of_values_counts() -> None:
    assert Use("--tcp-flags", ("SYN", "ACK"), False).exactly(2) == ("SYN", "ACK")
    with pytest.raises(ValueError, match="2 values"):
        _ = Use("--dport", ("1", "2"), False).only


def test_what_is_not_understood_keeps_its_words() -> None:
    use = Use("--dport", ("ssh",), False, "tcp")
    assert conditions(use, None) == (Unmodelled("-m tcp --dport ssh"),)
    assert conditions(use, lambda use: (Always(bool({}[use.only])),)) == (Unmodelled("-m tcp --dport ssh"),)
    assert conditions(use, lambda _: (Always(),)) == (Always(),)


def test_a_final_plus_is_any_rest_of_a_name() -> None:
    assert device("vnet+") == ("vnet", True)
    assert device("vnet0") == ("vnet0", False)
    assert device("+") == ("", True)
