"""A cable between two interfaces that can be made to stand still: stopped (SIGSTOP), it keeps what
was sent into it, and delivers it when it goes on.

    cable.py INTERFACE INTERFACE       says its process id when it is ready
"""
import os
import selectors
import socket
import struct
import sys
import time

SOL_PACKET, PACKET_AUXDATA = 263, 8
VLAN_VALID = 0x10
# What has waited is no burst that would overflow the queue of the switch at the end.
PAUSE_SECONDS = 0.002


def open_end(interface):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    end.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE
    end.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    end.bind((interface, 0))
    return end


def taken(here):
    """The next frame that came in, whole; None for one of our own."""
    data, more, _, sender = here.recvmsg(4096, 512)
    if sender[2] == socket.PACKET_OUTGOING:
        return None
    for level, kind, aux in more:
        if level != SOL_PACKET or kind != PACKET_AUXDATA:
            continue
        # The kernel has taken the outer tag off, and says what it was (struct tpacket_auxdata).
        status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", aux)
        if status & VLAN_VALID:
            data = data[:12] + struct.pack("!HH", tpid or 0x8100, tci) + data[12:]
    return data


def carry(here, there):
    data = taken(here)
    if data is not None:
        there.send(data)
        time.sleep(PAUSE_SECONDS)


def main():
    one, other = (open_end(interface) for interface in sys.argv[1:])
    ends = selectors.DefaultSelector()
    ends.register(one, selectors.EVENT_READ, (one, other))
    ends.register(other, selectors.EVENT_READ, (other, one))
    print(os.getpid(), flush=True)
    while True:
        for key, _ in ends.select():
            carry(*key.data)


if __name__ == "__main__":
    main()
