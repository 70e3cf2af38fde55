"""Frames whose answers tell whether a switch ever went back to an older rule (LIME 4.1, case N1).

    causality.py echo INTERFACE                   answers each probe with the version it saw
    causality.py probe INTERFACE DESTINATION      probes until interrupted, then prints the count

The switches on the way write a rule's version into the source address (0a:00:VERSION). The echo
puts the version that it saw into its answer; the answer must have been handled by that version or
a newer one, and so must the next probe. Raw frames of ethertype 0x88b6 (IEEE 802, local).
"""
import json
import select
import signal
import socket
import struct
import sys
import time

ETHERTYPE = 0x88B6
INTERVAL_SEC = 0.001
SO_RCVBUFFORCE = 33
STILL_SEC, PATIENCE_SEC = 1.0, 10.0


def open_socket(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE))
    # A program that has to wait for a processor loses nothing that has come.
    raw.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
    raw.bind((interface, ETHERTYPE))
    return raw, raw.getsockname()[4]


def read(raw):
    """The version that handled the next frame, and what its payload says."""
    while True:
        frame, sender = raw.recvfrom(2048)
        if sender[2] == socket.PACKET_OUTGOING:
            continue
        version = struct.unpack("!I", frame[8:12])[0] if frame[6] == 0x0A else 0
        number, floor, broken = struct.unpack("!III", frame[14:26])
        return version, number, floor, broken


def frame_to(destination, own, number, floor, broken):
    head = destination + own + struct.pack("!H", ETHERTYPE)
    return head + struct.pack("!III", number, floor, broken) + bytes(34)


def echo(interface):
    raw, own = open_socket(interface)
    broken = 0
    print("ready", flush=True)
    while True:
        version, number, floor, _ = read(raw)
        if version < floor:
            broken += 1
        raw.send(frame_to(bytes.fromhex("020000000001"), own, number, version, broken))


def probe(interface, destination):
    raw, own = open_socket(interface)
    to = bytes.fromhex(destination.replace(":", ""))
    sent, floor, broken, echo_broken = 0, 0, 0, 0
    answers, versions = {}, set()
    stopping = []
    signal.signal(signal.SIGINT, lambda *_: stopping.append(time.monotonic()))
    due = last = time.monotonic()

    def is_over():
        """When nothing has come for a while."""
        now = time.monotonic()
        return stopping and now - stopping[0] > min(PATIENCE_SEC, max(0.0, last - stopping[0]) + STILL_SEC)

    while not is_over():
        wait = max(0.0, due - time.monotonic()) if not stopping else 0.05
        if select.select([raw], [], [], wait)[0]:
            version, number, seen, echo_broken = read(raw)
            answers[number] = answers.get(number, 0) + 1
            last = time.monotonic()
            versions.add(version)
            if version < seen:
                broken += 1
            floor = max(floor, version)
        elif not stopping:
            raw.send(frame_to(to, own, sent, floor, 0))
            sent += 1
            due = max(due + INTERVAL_SEC, time.monotonic())
    doubled = sum(n - 1 for n in answers.values())
    print(json.dumps({"sent": sent, "lost": sent - len(answers), "duplicates": doubled,
                      "broken": broken + echo_broken, "versions": len(versions)}), flush=True)


if sys.argv[1] == "echo":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    echo(sys.argv[2])
else:
    probe(sys.argv[2], sys.argv[3])
