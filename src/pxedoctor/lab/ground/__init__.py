"""The grounds on which faults are tried: namespaces of this kernel, and (docs) whole machines."""
