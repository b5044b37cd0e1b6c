"""Cases of the uplink stage."""
