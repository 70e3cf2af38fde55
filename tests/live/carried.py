"""What a cable carries of tenants' frames: of each destination address of IPv4, how many went by.

    carried.py INTERFACE       until it is interrupted; then one line of JSON

Frames are as they are between datapaths: an Ethernet header and a network service header of ours,
and then the tenant's frame.
"""
import json
import signal
import socket
import sys

OURS = 14 + 8
DESTINATION = OURS + 14 + 16

raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
raw.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)  # SO_RCVBUFFORCE
raw.bind((sys.argv[1], 3))
raw.settimeout(0.1)
ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
print("ready", flush=True)
seen = {}
while not ended:
    try:
        data, sender = raw.recvfrom(2048)
    except TimeoutError:
        continue
    # Sent by the switch: the other end of the cable sees it come.
    is_wrapped = data[12:14] == b"\x89\x4f" and data[OURS + 12:OURS + 14] == b"\x08\x00"
    if sender[2] == socket.PACKET_OUTGOING or not is_wrapped:
        continue
    address = socket.inet_ntoa(data[DESTINATION:DESTINATION + 4])
    seen[address] = seen.get(address, 0) + 1
print(json.dumps(seen), flush=True)
