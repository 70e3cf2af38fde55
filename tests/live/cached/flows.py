"""Cached flows: many that are kept, and some whose packets say when they were sent.

    flows.py send INTERFACE DESTINATION COUNT   until it is interrupted; "warm" when all are cached
    flows.py keep INTERFACE DESTINATION COUNT   the same, and nothing but keeps them
    flows.py receive INTERFACE                  the same; then prints when those that came were sent

Moments are those of the machine's monotonic clock (s). Each flow is UDP from a port of its own.
"""
import json
import signal
import socket
import struct
import sys
import time

WATCHED = 9999
WATCHED_FLOWS = 100
KEPT = 9
AGAIN_SEC = 4
# Open vSwitch forgets what is not used for ten seconds.
KEEP_SEC = 7
PORTS = 60000


def frame(destination, number, to, payload):
    udp = struct.pack("!HHHH", 1 + number % PORTS, to + number // PORTS, 8 + len(payload), 0) + payload
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
        socket.inet_aton("10.9.9.9"), socket.inet_aton("10.9.9.8"),
    )
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    head = head[:10] + struct.pack("!H", total) + head[12:]
    return destination + b"\x02\x00\x00\x00\x00\x01\x08\x00" + head + udp


def send(interface, destination, count):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    raw.bind((interface, 0))
    to = bytes.fromhex(destination.replace(":", ""))
    kept = [frame(to, number, KEPT, bytes(18)) for number in range(count)]

    def warm():
        for i, one in enumerate(kept):
            raw.send(one)
            if i % 50 == 49:
                time.sleep(0.001)

    warm()
    warm()
    print("warm", flush=True)
    number, again, at = 0, time.monotonic() + AGAIN_SEC, count
    while not ended:
        raw.send(frame(to, number % WATCHED_FLOWS, WATCHED, struct.pack("!d", time.monotonic()) + bytes(10)))
        number += 1
        # A few of those that are kept, so that all have had a turn before they are forgotten.
        if at >= count and time.monotonic() >= again:
            again, at = time.monotonic() + AGAIN_SEC, 0
        if at < count:
            for one in kept[at:at + 20]:
                raw.send(one)
            at += 20
        time.sleep(0.0004)


def keep(interface, destination, count):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    raw.bind((interface, 0))
    to = bytes.fromhex(destination.replace(":", ""))
    kept = [frame(to, number, KEPT, bytes(18)) for number in range(count)]
    rounds = 0
    while not ended:
        begin = time.monotonic()
        for i, one in enumerate(kept):
            raw.send(one)
            if i % 50 == 49:
                due = begin + i / count * (1 if rounds < 2 else KEEP_SEC)
                time.sleep(max(0.001, due - time.monotonic()))
            if ended:
                return
        rounds += 1
        if rounds == 2:
            print("warm", flush=True)


def receive(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    raw.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE
    raw.bind((interface, 0x0800))
    raw.settimeout(0.1)
    print("ready", flush=True)
    came = []
    while not ended:
        try:
            data = raw.recv(2048)
        except socket.timeout:
            continue
        if data[36:38] == struct.pack("!H", WATCHED):
            came.append(round(struct.unpack("!d", data[42:50])[0], 6))
    print(json.dumps(came), flush=True)


def end(*_):
    global ended
    ended = True


ended = False
signal.signal(signal.SIGINT, end)
if sys.argv[1] == "send":
    send(sys.argv[2], sys.argv[3], int(sys.argv[4]))
elif sys.argv[1] == "keep":
    keep(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    receive(sys.argv[2])
