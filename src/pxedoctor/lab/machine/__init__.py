"""Ground `machine`: a whole host under QEMU, with its own kernel, modules and systemd, thawed from a frozen state."""
