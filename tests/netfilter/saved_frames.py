"""Runs in a site: sends one frame out of a device. `python saved_frames.py DEVICE HEX`."""

import socket
import sys

if __name__ == "__main__":
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((sys.argv[1], 0))
    out.send(bytes.fromhex(sys.argv[2]))
