"""What a guest says while it moves: numbers over one TCP connection, and echoes (ICMP).

    guest.py ADDRESS PORT NUMBER_MS ECHO_MS       until it is interrupted by SIGINT

Prints "ready" when both have come back once, and in the end a JSON line. Of each: how many were
sent, how many came back, and the longest time without one (ms). TCP sends again what was lost; an
echo comes back once or is lost, so what comes twice is seen (`doubled`), and a silence is as long
as it was.
"""
import json
import os
import select
import signal
import socket
import struct
import sys
import time

SO_TIMESTAMPNS = 35
PATIENCE_SEC = 10
"""For echoes that are still on their way when all numbers are back."""
LATE_SEC = 1


class Silence:
    """The longest time between two that came."""

    def __init__(self):
        self.longest, self.last = 0.0, None

    def came(self, now):
        if self.last is not None:
            self.longest = max(self.longest, now - self.last)
        self.last = now

    def ms(self):
        return round(self.longest * 1000, 1)


class Paced:
    """When the next is due: after a pause that the machine made, it does not catch up."""

    def __init__(self, every_sec):
        self.every, self.due = every_sec, time.monotonic()

    def is_due(self, now):
        if now < self.due:
            return False
        self.due = max(self.due + self.every, now)
        return True


def connected(address, port):
    """It answers pings a moment before somebody listens there."""
    end = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection((address, port), timeout=20)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


class Numbers:
    def __init__(self, address, port):
        self.socket = connected(address, port)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent, self.back, self.wrong, self.rest = 0, 0, 0, b""
        self.silence = Silence()

    def send(self):
        self.socket.sendall(struct.pack("!I", self.sent))
        self.sent += 1

    def take(self, now):
        data = self.socket.recv(65536)
        if not data:
            raise OSError("the guest closed it")
        self.rest += data
        whole = len(self.rest) // 4 * 4
        for (number,) in struct.iter_unpack("!I", self.rest[:whole]):
            self.wrong += number != self.back
            self.back += 1
            self.silence.came(now)
        self.rest = self.rest[whole:]

    def said(self):
        return {
            "sent": self.sent, "back": self.back, "wrong": self.wrong, "gapMs": self.silence.ms(),
        }


def time_in(more):
    """When the machine had it: this process may have had to wait."""
    for level, kind, value in more:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            sec, nsec = struct.unpack("ll", value[:16])
            return sec + nsec / 1e9
    return time.time()


class Echoes:
    def __init__(self, address):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 23)  # SO_RCVBUFFORCE
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)
        self.socket.connect((address, 0))
        self.id = os.getpid() & 0xFFFF
        self.sent, self.times = 0, {}
        self.silence = Silence()

    def send(self):
        payload = struct.pack("!Q", self.sent)
        head = struct.pack("!BBHHH", 8, 0, 0, self.id, self.sent & 0xFFFF)
        total = sum(struct.unpack("!8H", head + payload))
        total = (total & 0xFFFF) + (total >> 16)
        total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        self.socket.send(head[:2] + struct.pack("!H", total) + head[4:] + payload)
        self.sent += 1

    def take(self, _):
        try:
            while True:
                packet, more, _, _ = self.socket.recvmsg(2048, 256)
                head = (packet[0] & 15) * 4
                kind, _, _, owner = struct.unpack("!BBHH", packet[head:head + 6])
                if kind != 0 or owner != self.id:
                    continue
                (number,) = struct.unpack("!Q", packet[head + 8:head + 16])
                self.times[number] = self.times.get(number, 0) + 1
                if self.times[number] == 1:
                    self.silence.came(time_in(more))
        except BlockingIOError:
            pass

    def said(self):
        return {
            "sent": self.sent, "back": len(self.times), "gapMs": self.silence.ms(),
            "doubled": sum(self.times.values()) - len(self.times),
        }


ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
address, port = sys.argv[1], int(sys.argv[2])
numbers, echoes = Numbers(address, port), Echoes(address)
pace = [Paced(float(every) / 1000) for every in sys.argv[3:5]]
both = [numbers.socket, echoes.socket]
is_ready, end, trouble = False, None, ""
try:
    while end is None or numbers.back < numbers.sent or time.monotonic() < end + LATE_SEC:
        now = time.monotonic()
        if ended and end is None:
            end = now
        if end is not None and now > end + PATIENCE_SEC:
            trouble = "some never came back"
            break
        if end is None:
            for one, paced in zip((numbers, echoes), pace):
                if paced.is_due(now):
                    one.send()
        wait = min(0.02, *(max(0, paced.due - now) for paced in pace)) if end is None else 0.02
        readable = select.select(both, [], [], wait)[0]
        for one in (numbers, echoes):
            if one.socket in readable:
                one.take(time.monotonic())
        if not is_ready and numbers.back > 0 and echoes.times:
            is_ready = True
            print("ready", flush=True)
except OSError as error:
    trouble = str(error)
print(json.dumps({"numbers": numbers.said(), "echoes": echoes.said(), "trouble": trouble}))
