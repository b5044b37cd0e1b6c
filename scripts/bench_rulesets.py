"""Large rulesets as real generators make them, as text for iptables-restore and nft -f."""


def iptables(chains: int, rules: int) -> str:
    """A filter table: INPUT and FORWARD jump to each chain by source, and no chain accepts or drops our packets."""
    lines = ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]"]
    lines += [f":C{chain} - [0:0]" for chain in range(chains)]
    for chain in range(chains):
        source = f"10.{chain >> 8}.{chain & 255}.0/24"
        lines += [f"-A {base} -s {source} -j C{chain}" for base in ("INPUT", "FORWARD")]
    for chain in range(chains):
        lines += [
            f"-A C{chain} -d 172.16.{rule >> 8}.{rule & 255}/32 -p tcp -m tcp --dport {1000 + rule % 60000}"
            f' -m comment --comment "service {rule}" -j ACCEPT'
            for rule in range(rules)
        ]
    return "\n".join([*lines, "COMMIT", ""])


def native(tables: int, rules: int, hooked: int) -> str:
    """Tables of one chain; the first `hooked` of them hook INPUT, and no packet of ours meets a rule of them."""
    lines: list[str] = []
    for table in range(tables):
        lines.append(f"table ip t{table} {{")
        lines.append("\tchain in {")
        if table < hooked:
            lines.append(f"\t\ttype filter hook input priority {table}; policy accept;")
        lines += [
            f"\t\tip saddr 10.{table}.{rule >> 8}.{rule & 255} tcp dport {1000 + rule % 60000} counter accept"
            for rule in range(rules)
        ]
        lines += ["\t}", "}"]
    return "\n".join([*lines, ""])
