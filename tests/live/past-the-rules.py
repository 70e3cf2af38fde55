"""Frames that Open vSwitch's in-band control knows, sent or awaited; the controller is 127.0.0.1.

    past-the-rules.py send INTERFACE        one of each kind, marked
    past-the-rules.py receive INTERFACE     prints the marks of what comes, until it is ended
"""
import socket
import struct
import sys

ETH_P_ALL = 3
MARK = b"past-"
OURS, OTHER = bytes([127, 0, 0, 1]), bytes([10, 9, 9, 9])


def arp(operation, sender, target):
    head = struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, operation)
    return head + bytes(6) + sender + bytes(6) + target


def tcp(source, destination, source_port, destination_port):
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 60, 0, 0, 64, 6, 0) + source + destination
    return b"\x08\x00" + ip + struct.pack("!HHIIBBHHH", source_port, destination_port, 0, 0, 80, 2, 99, 0, 0)


frames = {
    "request": arp(1, OURS, OTHER),
    "reply": arp(2, OTHER, OURS),
    "from": tcp(OURS, OTHER, 6653, 999),
    "to": tcp(OTHER, OURS, 999, 6653),
    # Nothing hidden knows this one: what is behind it in time has been seen to.
    "plain": b"\x88\xb7",
}

raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
raw.bind((sys.argv[2], ETH_P_ALL))
if sys.argv[1] == "send":
    for name, body in frames.items():
        raw.send(b"\xff" * 6 + raw.getsockname()[4] + body + MARK + name.encode() + b"." + bytes(30))
else:
    print("ready", flush=True)
    while True:
        frame, sender = raw.recvfrom(2048)
        if sender[2] != socket.PACKET_OUTGOING and MARK in frame:
            print(frame[frame.index(MARK) + len(MARK) :].split(b".")[0].decode(), flush=True)
