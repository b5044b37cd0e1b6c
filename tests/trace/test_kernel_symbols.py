"""A drop that an older kernel tells by an address gets its function's name."""

import pytest

from pxedoctor.trace.kernel_symbols import KernelSymbols, Table
from trace_builders import freed

# /proc/kallsyms of Linux 6.1, shortened; its modules stand behind, in an order of their own.
LINES = """\
ffffffff81a00000 T __dev_queue_xmit
ffffffff81a00e00 t validate_xmit_skb
ffffffff82000000 D some_data
ffffffffc0701000 t br_handle_frame\t[bridge]
ffffffffc0700a00 t br_handle_frame_finish\t[bridge]
""".splitlines()


@pytest.mark.parametrize(
    ("address", "function"),
    [
        (0xFFFFFFFF81A00123, "__dev_queue_xmit"),
        (0xFFFFFFFF81A00E00, "__dev_queue_xmit"),
        (0xFFFFFFFFC0700B00, "br_handle_frame_finish"),
        (0xFFFFFFFFC0701001, "br_handle_frame"),
        (0x1000, ""),
    ],
)
def test_the_function_in_which_an_address_lies(address: int, function: str) -> None:
    assert Table(LINES).function_at(address) == function


def test_hidden_addresses_name_nothing() -> None:
    assert Table(["0000000000000000 T __dev_queue_xmit"]).function_at(0xFFFFFFFF81A00123) == ""


def test_a_kernel_that_names_its_functions_is_believed() -> None:
    event = freed(1.0, "br_handle_frame+0xff/0x2b0")
    assert KernelSymbols().named(event) is event


def test_an_address_of_the_kernel_that_runs_is_named_where_it_shows_them() -> None:
    with open("/proc/kallsyms", encoding="ascii") as lines:
        address = next(int(line.split()[0], 16) for line in lines if line.split()[2] == "__dev_queue_xmit")
    told = f"{address + 4:016x}"
    expected = "__dev_queue_xmit" if address else told
    assert KernelSymbols().named(freed(1.0, told)).location == expected
