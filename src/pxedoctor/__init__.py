"""Why a virtual machine gets no address or boot file, proved, repaired and undone."""

__version__ = "0.1.0"
