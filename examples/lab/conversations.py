"""New conversations at a steady rate, each a frame from an address that nobody has seen.

    conversations.py send INTERFACE DESTINATION INTERVAL_MS    until it is interrupted
    conversations.py receive INTERFACE                         the same; then prints what came

Every frame makes a learning controller install rules, so rules change all the time. Frames are
numbered: the receiver's last line says how often each number came, and those before it how many
have come. Raw frames of ethertype 0x88b5
(IEEE 802, local experiments); interrupted by SIGINT.
"""
import json
import signal
import socket
import struct
import sys
import time

ETHERTYPE = 0x88B5
LOOK_EVERY_SEC = 0.1
SO_RCVBUFFORCE = 33


def open_socket(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE))
    # A program that has to wait for a processor loses nothing that has come.
    raw.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
    raw.bind((interface, ETHERTYPE))
    return raw


def send(interface, destination, interval_ms):
    raw = open_socket(interface)
    to = bytes.fromhex(destination.replace(":", ""))
    number = 0
    while not ended:
        source = b"\x06\x00" + struct.pack("!I", number)
        raw.send(to + source + struct.pack("!HI", ETHERTYPE, number) + bytes(42))
        number += 1
        time.sleep(interval_ms / 1000)
    print(json.dumps({"sent": number}), flush=True)


def receive(interface):
    raw = open_socket(interface)
    raw.settimeout(LOOK_EVERY_SEC)
    times = {}
    told = time.monotonic()
    print(json.dumps({"count": 0}), flush=True)
    while not ended:
        if time.monotonic() - told >= LOOK_EVERY_SEC:
            told = time.monotonic()
            print(json.dumps({"count": len(times)}), flush=True)
        try:
            frame, sender = raw.recvfrom(2048)
        except TimeoutError:
            continue
        if sender[2] == socket.PACKET_OUTGOING:
            continue
        (number,) = struct.unpack("!I", frame[14:18])
        times[number] = times.get(number, 0) + 1
    print(json.dumps({"received": times}), flush=True)


# An interruption is looked at between two frames: in the midst of one, it would be sent or would
# have come, and would not be counted.
ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
if sys.argv[1] == "send":
    send(sys.argv[2], sys.argv[3], float(sys.argv[4]))
else:
    receive(sys.argv[2])
