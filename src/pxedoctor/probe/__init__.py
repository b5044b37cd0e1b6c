"""The probe: it plugs into a bridge as a guest does, asks as a guest's firmware asks, and tells what came back."""
