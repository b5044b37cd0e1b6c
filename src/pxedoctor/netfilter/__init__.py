"""Packet filter rules: the saved texts as a tree, and what becomes of one packet that walks it.

1. `save`, `rule`: iptables-save text -> `Table`s. What a rule says and nobody modelled stays in it as
   `Unmodelled(text)`.
2. `native`: nft's JSON -> the base chains of native tables, and whether one of them could drop anything at all.
3. `match`, `evaluate`: one `Packet` through one table at one hook -> accept, drop, or unknown with the rule that
   decides.
4. `owner`: which program writes chains of this name.

The kernel is the judge: tests/netfilter/test_kernel.py sends packets through random rulesets and compares.
"""
