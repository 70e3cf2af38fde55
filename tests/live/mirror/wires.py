"""The hosts' ends of the wires: one process that sends and receives every frame of a lab.

    wires.py SOCKET HOST...

Opens a raw socket on eth0 in each host's network namespace, then serves one connection on the Unix
socket SOCKET. A line either way is `HOST HEX`: a frame to send there, or one that came there.
"""
import ctypes
import os
import select
import socket
import struct
import sys

ETH_P_ALL = 3
CLONE_NEWNET = 0x40000000
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 0x10
libc = ctypes.CDLL(None, use_errno=True)


def open_wire(host):
    namespace = os.open(f"/run/netns/{host}", os.O_RDONLY)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"cannot enter {host}")
    os.close(namespace)
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    raw.bind(("eth0", ETH_P_ALL))
    raw.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    return raw


def read_frame(raw):
    """The next frame as it was on the wire, or None for one that this host sent."""
    frame, aux, _, sender = raw.recvmsg(65536, 256)
    if sender[2] == socket.PACKET_OUTGOING:
        return None
    # The kernel takes the outer tag out of the frame and tells it aside.
    status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", aux[0][2])
    if status & TP_STATUS_VLAN_VALID:
        frame = frame[:12] + struct.pack("!HH", tpid or 0x8100, tci) + frame[12:]
    return frame


wires = {host: open_wire(host) for host in sys.argv[2:]}
hosts = {raw: host for host, raw in wires.items()}
server = socket.socket(socket.AF_UNIX)
# Whoever sees it may connect to it.
server.bind(sys.argv[1] + ".new")
server.listen()
os.rename(sys.argv[1] + ".new", sys.argv[1])
peer, _ = server.accept()
rest = b""
while True:
    for ready in select.select([peer, *hosts], [], [])[0]:
        if ready is not peer:
            frame = read_frame(ready)
            if frame is not None:
                peer.sendall(f"{hosts[ready]} {frame.hex()}\n".encode())
            continue
        chunk = peer.recv(65536)
        if chunk == b"":
            sys.exit(0)
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            host, text = line.decode().split(" ")
            wires[host].send(bytes.fromhex(text))
