"""Packet filter rules: the saved texts as one syntax tree, and what becomes of one packet that walks it.

1. `seen`, `condition`, `syntax`: what a rule can see, what it asks, and the tree, whatever program listed it.
2. `iptables`, `ebtables`, `arptables`, `ipset`, `nft_text`, `nft_json`: listings -> `Table`s. What nobody modelled
   stays as a text.
3. `ruleset`: all listings of a host together.
4. `walk`: one packet in one base chain -> accept, drop, or unknown with the rule that decides; `hook`: all base chains
   of a hook.
5. `owner`: whose rule it is.

The kernel is the judge: random rulesets are loaded, packets really sent, and their fate compared.
"""
