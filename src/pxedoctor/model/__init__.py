"""The host as frozen values. Netfilter stays as texts here; `road` parses what it needs."""
