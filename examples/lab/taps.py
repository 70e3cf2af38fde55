"""What passes the taps of a guest: the echoes of guest.py, and the guest's answers.

    taps.py INTERFACE...       until it is interrupted by SIGINT

Prints "ready", and in the end a JSON line: how many echoes came to any of the taps, how many of
those that came to one before and after did not (`missed`), how many the guest answered, how often
it answered one again (`doubled`), and the longest time in which it answered none (ms). So what
happens between the guest and who talks to it can be told from what the guest does itself.
"""
import json
import select
import signal
import socket
import struct
import sys

SO_TIMESTAMPNS = 35
"""Of an echo of guest.py, with its IP header."""
IP_BYTES = 36


def opened(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    raw.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)  # SO_RCVBUFFORCE
    raw.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    raw.bind((interface, 3))
    raw.setblocking(False)
    return raw


def take(raw):
    """Kind, number and time (ns) of each echo to the guest, and of each answer from it."""
    try:
        while True:
            data, more, _, sender = raw.recvmsg(2048, 256)
            is_echo = data[12:14] == b"\x08\x00" and data[23] == 1
            if not is_echo or struct.unpack("!H", data[16:18])[0] != IP_BYTES:
                continue
            # What goes out there comes to the guest; a switch may send it others' answers, too.
            if (sender[2] == socket.PACKET_OUTGOING) != (data[34] == 8):
                continue
            time_ns = 0
            for level, kind, value in more:
                if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    sec, nsec = struct.unpack("ll", value[:16])
                    time_ns = sec * 1_000_000_000 + nsec
            yield data[34], struct.unpack("!Q", data[42:50])[0], time_ns
    except BlockingIOError:
        pass


ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
taps = [opened(interface) for interface in sys.argv[1:]]
asked, answers = {raw: set() for raw in taps}, {}
print("ready", flush=True)
is_over = False
while not is_over:
    # What has come by then is looked at, too.
    is_over = bool(ended)
    for raw in select.select(taps, [], [], 0 if is_over else 0.1)[0]:
        for kind, number, time_ns in take(raw):
            if kind == 8:
                asked[raw].add(number)
            elif kind == 0:
                answers.setdefault(number, []).append(time_ns)
firsts = sorted(times[0] for times in answers.values())
gap_ns = max((b - a for a, b in zip(firsts, firsts[1:])), default=0)
missed = sum(max(one) - min(one) + 1 - len(one) for one in asked.values() if one)
print(json.dumps({
    "asked": len(set().union(*asked.values())), "missed": missed,
    "answered": len(answers), "gapMs": round(gap_ns / 1e6, 1),
    "doubled": sum(len(times) - 1 for times in answers.values()),
}))
