"""The table shows every cell, the ones that were not run too, and what failed in the runner's own words."""

from pxedoctor.lab.catalogue import cases
from pxedoctor.lab.machine.inside import asked_by
from pxedoctor.lab.machine.matrix import BACKENDS, CLIENTS, FOUNDING, ROWS, Ran, cells, chosen, lacks, summary, table
from pxedoctor.lab.machine.recipe import KERNELS
from pxedoctor.model.client import client_named


def test_each_of_its_cases_is_one_of_the_labs() -> None:
    assert {row.case for row in ROWS} <= {case.name for case in cases()}


def test_a_case_for_a_machine_is_in_no_cell_of_a_site() -> None:
    grounds = {case.name: case.ground for case in cases()}
    assert all(cell.machine for cell in cells() if grounds[cell.case] == "machine")
    assert not any(cell.machine for cell in cells() if cell.release == "bookworm" and grounds[cell.case] != "machine")


def test_a_client_that_a_release_has_no_more_is_said_where_its_case_would_be() -> None:
    old = [cell for cell in cells() if cell.case.startswith("dhcp-reply-checksum-unfilled")]
    wanted = {"bookworm": "", "trixie": "", "sid": "isc-dhcp-client"} | dict.fromkeys(KERNELS, "")
    assert {cell.release: lacks(cell) for cell in old} == wanted
    rows = [row for row in table(()).splitlines() if "| cannot be: no isc-dhcp-client in sid |" in row]
    assert len(rows) == len([cell for cell in old if cell.release == "sid"])


def test_every_release_and_backend_has_each_firewall_manager() -> None:
    for release, backends in BACKENDS.items():
        for backend in backends:
            here = {cell.firewall for cell in cells() if (cell.release, cell.backend) == (release, backend)}
            assert here == {"none", "firewalld", "ufw", "nftables.service"}


def test_each_other_kernel_is_asked_the_founding_causes_in_a_machine_of_its_own() -> None:
    for name in KERNELS:
        here = [cell for cell in cells() if cell.release == name]
        assert tuple(cell.case for cell in here) == FOUNDING
        assert all(cell.machine for cell in here)


def test_a_firmware_is_a_client_that_the_doctor_knows_and_a_probe_asks_as_it() -> None:
    assert all(client_named(client) for client in CLIENTS.values())
    cell = next(cell for cell in cells() if cell.firmware == "OVMF")
    case = next(case for case in cases() if case.name == cell.case)
    assert asked_by(case, cell.client).asked_with == ("--client", "ovmf", "--probe")
    assert asked_by(case, "") is case


def test_a_releases_name_chooses_it_alone_and_anything_else_is_a_part() -> None:
    def releases(*patterns: str) -> set[str]:
        return {cell.release for cell in cells() if chosen(cell, patterns)}

    assert releases("bookworm") == {"bookworm"}
    assert releases("bookworm on 5.10") == {"bookworm on 5.10"}
    assert releases("on 5.10") == {"bookworm on 5.10"}
    assert releases(".") == {*BACKENDS, *KERNELS}
    here = [cell.case for cell in cells() if chosen(cell, ("bookworm", "vlan", "machine"))]
    assert here == ["vlan-filtering-drops-port"]


def test_how_much_was_run_is_said() -> None:
    first, second, *_ = cells()
    told = summary((Ran(first, 60), Ran(second, 60, ("no",))))
    assert told == f"Of {len(cells())} cells 2 have been run, in 2 minutes: 1 are as they should be."


def test_what_was_not_run_is_said() -> None:
    first, *others = cells()
    rows = table((Ran(first, 61.4),)).splitlines()
    assert len(rows) == len(others) + 1
    assert rows[0].endswith("| as it should be | 61 s |")
    assert all("| not run |" in row or "| cannot be: " in row for row in rows[1:])


def test_a_failure_keeps_its_words_and_the_tables_shape() -> None:
    row = table((Ran(cells()[0], 5.0, ("first named: ()", "a | b\n<c>")),)).splitlines()[0]
    assert "FAILED: first named: (); a \\| b &lt;c>" in row
    assert row.replace("\\|", "").count("|") == 9
