"""One frame with an 802.1Q tag, sent or awaited: hosts here have no VLAN devices.

    vlan.py send INTERFACE DESTINATION VLAN
    vlan.py receive INTERFACE SECONDS        prints the VLAN ids of what came (0x88b7), then ends
"""
import select
import socket
import struct
import sys
import time

ETHERTYPE = 0x88B7
ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 0x10

raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
raw.bind((sys.argv[2], ETH_P_ALL))
if sys.argv[1] == "send":
    to = bytes.fromhex(sys.argv[3].replace(":", ""))
    own = raw.getsockname()[4]
    raw.send(to + own + struct.pack("!HHH", 0x8100, int(sys.argv[4]), ETHERTYPE) + bytes(46))
else:
    raw.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    print("ready", flush=True)
    end = time.monotonic() + float(sys.argv[3])
    while select.select([raw], [], [], max(0.0, end - time.monotonic()))[0]:
        frame, aux, _, sender = raw.recvmsg(2048, 256)
        if sender[2] == socket.PACKET_OUTGOING:
            continue
        # The kernel may have taken the tag out of the frame, and tells it aside.
        status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", aux[0][2])
        if status & TP_STATUS_VLAN_VALID and frame[12:14] == struct.pack("!H", ETHERTYPE):
            print(f"vlan {tci & 0xFFF}", flush=True)
        elif frame[12:14] == b"\x81\x00" and frame[16:18] == struct.pack("!H", ETHERTYPE):
            print(f"vlan {struct.unpack('!H', frame[14:16])[0] & 0xFFF}", flush=True)
