"""Cases of the fetch stage."""
