"""One file per cause, beside its check's name: the faults and decoys that try it."""
