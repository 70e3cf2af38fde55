"""Numbers that a guest sends back, over one TCP connection.

    guest.py ADDRESS PORT EVERY_MS       until it is interrupted by SIGINT

Prints "ready" when the first has come back, and in the end a JSON line: how many were sent and how
many came back in their order, the longest time without one (ms), and what went wrong.
"""
import json
import select
import signal
import socket
import struct
import sys
import time

ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
address, port, every_sec = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1000
connection = socket.create_connection((address, port), timeout=20)
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sent, back, wrong, trouble, rest = 0, 0, 0, "", b""
longest, last, due, end = 0.0, time.monotonic(), time.monotonic(), None
try:
    while back < sent or end is None:
        now = time.monotonic()
        if ended and end is None:
            end = now + 10
        if end is not None and now > end:
            trouble = "some never came back"
            break
        if end is None and now >= due:
            connection.sendall(struct.pack("!I", sent))
            sent, due = sent + 1, max(due + every_sec, now)
        if not select.select([connection], [], [], 0 if now >= due else min(0.02, due - now))[0]:
            continue
        data = connection.recv(65536)
        if not data:
            trouble = "the guest closed it"
            break
        rest += data
        whole = len(rest) // 4 * 4
        for (number,) in struct.iter_unpack("!I", rest[:whole]):
            wrong += number != back
            if back == 0:
                print("ready", flush=True)
            else:
                longest = max(longest, time.monotonic() - last)
            back, last = back + 1, time.monotonic()
        rest = rest[whole:]
except OSError as error:
    trouble = str(error)
print(json.dumps({
    "sent": sent, "back": back, "wrong": wrong, "gapMs": round(longest * 1000), "trouble": trouble,
}))
