"""What comes to an interface, by VLAN tag: how many ICMP echoes there are of each kind.

    capture.py INTERFACE       until it is interrupted; then one line of JSON, such as
                               {"1": {"request": 12}, "2": {"reply": 12, "twice": 0}, "none": {}}

The kernel takes an outer tag off before anybody sees the frame, and says beside it which it was.
"""
import json
import signal
import socket
import struct
import sys

PACKET_AUXDATA = 8
VLAN_VALID = 1 << 4

raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
raw.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)  # SO_RCVBUFFORCE
raw.setsockopt(263, PACKET_AUXDATA, 1)  # SOL_PACKET
raw.bind((sys.argv[1], 3))
raw.settimeout(0.1)
ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
print("ready", flush=True)
seen = {}
known = set()
while not ended:
    try:
        data, more, _, sender = raw.recvmsg(2048, 256)
    except TimeoutError:
        continue
    if sender[2] == socket.PACKET_OUTGOING:
        continue
    vlan = "none"
    for level, kind, value in more:
        if level == 263 and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", value[:20])
            if status & VLAN_VALID:
                vlan = str(tci & 4095)
    if data[12:14] != b"\x08\x00" or data[23] != 1:
        continue
    what = {8: "request", 0: "reply"}.get(data[34], "other")
    row = seen.setdefault(vlan, {})
    row[what] = row.get(what, 0) + 1
    key = (vlan, bytes(data[34:42]), bytes(data[26:34]))
    row["twice"] = row.get("twice", 0) + (key in known)
    known.add(key)
print(json.dumps(seen), flush=True)
