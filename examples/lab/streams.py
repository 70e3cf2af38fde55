"""Steady streams of UDP over IPv4, one to each address, and what came of each.

    streams.py send INTERFACE DESTINATION INTERVAL_MS ADDRESS...   until it is interrupted
    streams.py receive INTERFACE EVERY_MS                          the same

Both print one JSON line when they are interrupted by SIGINT: how many frames each address was
sent, and for each how many came, how often one came twice, and how many came behind a later one.
Until then the receiver prints how many have come for each, every so often.
"""
import json
import signal
import socket
import struct
import sys
import time

MAGIC = b"limevisor-stream"


def frame(destination, address, number):
    payload = MAGIC + struct.pack("!I", number) + bytes(12)
    udp = struct.pack("!HHHH", 4000, 4001, 8 + len(payload), 0) + payload
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
        socket.inet_aton("10.9.9.9"), socket.inet_aton(address),
    )
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    head = head[:10] + struct.pack("!H", total) + head[12:]
    return destination + b"\x02\x00\x00\x00\x00\x01\x08\x00" + head + udp


def send(interface, destination, interval_ms, addresses):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    raw.bind((interface, 0))
    to = bytes.fromhex(destination.replace(":", ""))
    number = 0
    begin = time.monotonic()
    while not ended:
        for address in addresses:
            raw.send(frame(to, address, number))
        number += 1
        # After a pause that the machine made, it catches up, but not all at once.
        due = begin + number * interval_ms / 1000
        time.sleep(max(due - time.monotonic(), interval_ms / 2000))
    print(json.dumps({address: number for address in addresses}), flush=True)


def receive(interface, every_ms):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    raw.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)  # SO_RCVBUFFORCE
    raw.bind((interface, 0x0800))
    seen = {}
    said = time.monotonic()
    raw.settimeout(every_ms / 1000)
    print("ready", flush=True)
    while not ended:
        if time.monotonic() - said >= every_ms / 1000:
            said = time.monotonic()
            print(json.dumps({one: len(all_) for one, all_ in seen.items()}), flush=True)
        try:
            take(raw, seen)
        except TimeoutError:
            continue
    # What has come, and nobody has looked at: this process may have had to wait.
    raw.setblocking(False)
    try:
        while True:
            take(raw, seen)
    except BlockingIOError:
        pass
    print(json.dumps({address: counted(all_) for address, all_ in seen.items()}), flush=True)


def take(raw, seen):
    data, sender = raw.recvfrom(2048)
    if sender[2] == socket.PACKET_OUTGOING or data[42:58] != MAGIC:
        return
    (number,) = struct.unpack("!I", data[58:62])
    seen.setdefault(socket.inet_ntoa(data[30:34]), []).append(number)


def counted(numbers):
    highest, late = -1, 0
    for number in numbers:
        late += number < highest
        highest = max(highest, number)
    return {
        "received": len(set(numbers)),
        "doubled": len(numbers) - len(set(numbers)),
        "late": late,
        "last": highest,
    }


# An interruption is looked at between two frames: in the midst of one, it would be sent or would
# have come, and would not be counted.
ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
if sys.argv[1] == "send":
    send(sys.argv[2], sys.argv[3], float(sys.argv[4]), sys.argv[5:])
else:
    receive(sys.argv[2], float(sys.argv[3]))
