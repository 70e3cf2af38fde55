"""Questions and answers between hosts, and who has no business among them.

    questions.py ask INTERFACE OWN_MAC OTHER_MAC EVERY_MS      questions, each with a number
    questions.py answer INTERFACE OWN_MAC OTHER_MAC EVERY_MS   answers; and some that nobody asked
    questions.py attack INTERFACE OWN_MAC OTHER_MAC EVERY_MS   intruders, each from its own port

UDP over IPv4. Each prints "ready", and when it is interrupted by SIGINT a JSON line: `asked`,
`answered`, `twice`, and `uninvited`, answers to what was not asked; of `answer` also `intruders`,
the source port of each intruder's frame and when it was sent, by the machine's monotonic clock.
"""
import json
import select
import signal
import socket
import struct
import sys
import time

MAGIC = b"limevisor-question"
ANSWERING, INTRUDING = 7, 9
ASKING, UNINVITED, INTRUDERS = 10000, 40000, 50000
NUMBERS = 20000
# An intruder sends so many frames.
PERSISTENT = 80


def frame(own, other, source, destination, number):
    payload = struct.pack("!Id", number, time.monotonic()) + MAGIC
    udp = struct.pack("!HHHH", source, destination, 8 + len(payload), 0) + payload
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
        socket.inet_aton("10.8.0.1"), socket.inet_aton("10.8.0.2"),
    )
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    head = head[:10] + struct.pack("!H", total) + head[12:]
    return other + own + b"\x08\x00" + head + udp


class Host:
    def __init__(self, interface, own, other):
        self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.raw.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
        self.raw.bind((interface, 0x0800))
        self.own, self.other = (bytes.fromhex(one.replace(":", "")) for one in (own, other))
        self.asked, self.answered, self.twice = set(), set(), 0
        self.uninvited, self.intruders, self.sent = 0, [], 0

    def send(self, source, destination, number):
        self.raw.send(frame(self.own, self.other, source, destination, number))

    def turn(self, how):
        """What is due every so often."""
        self.sent += 1
        if how == "ask":
            self.asked.add(self.sent)
            self.send(ASKING + self.sent % NUMBERS, ANSWERING, self.sent)
        elif how == "answer":
            # Only a firewall has to keep it out: of the other's hosts nobody sends these.
            self.send(ANSWERING, UNINVITED + self.sent % 5000, self.sent)
        else:
            port = INTRUDERS + self.sent // PERSISTENT
            self.send(port, INTRUDING, self.sent)

    def take(self, answers):
        data, sender = self.raw.recvfrom(2048)
        if sender[2] == socket.PACKET_OUTGOING or data[:6] != self.own or MAGIC not in data:
            return
        source, destination, number, sent = struct.unpack("!HHxxxxId", data[34:54])
        if destination == ANSWERING and answers:
            self.send(ANSWERING, source, number)
        elif destination == INTRUDING:
            self.intruders.append([source, sent])
        elif source == ANSWERING:
            if destination >= UNINVITED:
                self.uninvited += 1
            self.twice += number in self.answered and destination < UNINVITED
            if destination < UNINVITED:
                self.answered.add(number)


def run(how, host, every_ms, end_answers_sec=1.0):
    print("ready", flush=True)
    due = time.monotonic()
    end = None
    while end is None or time.monotonic() < end:
        if ended and end is None:
            # What was asked last may be answered still.
            end = time.monotonic() + (end_answers_sec if how == "ask" else 0)
        wait = 0.02 if every_ms == 0 or end else max(0.0, min(0.02, due - time.monotonic()))
        if select.select([host.raw], [], [], wait)[0]:
            host.take(how == "answer")
        if every_ms > 0 and end is None and time.monotonic() >= due:
            host.turn(how)
            due = max(due + every_ms / 1000, time.monotonic())
    print(json.dumps({
        "asked": len(host.asked), "answered": len(host.answered), "twice": host.twice,
        "uninvited": host.uninvited, "intruders": host.intruders, "sent": host.sent,
    }), flush=True)


ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
_, how, interface, own, other, every_ms = sys.argv
run(how, Host(interface, own, other), float(every_ms))
