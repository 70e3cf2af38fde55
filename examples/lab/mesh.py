"""Every host sends every kind of frame to every other host of its tenant; all hosts listen.

    mesh.py HOSTS SECONDS     HOSTS: a JSON file, [{"name", "tenant", "mac"}, ...]

Each host is a network namespace of its name with a device eth0. Prints one JSON object, by tenant:
how many frames were due and came, how many came twice, how many of other tenants came, and which
frames (kind, from, to) did not come. What has not come within SECONDS is sent again, as another
copy, a few times: the first ones find switches that have not learnt yet. When all is there it
listens for a moment, to what should not come.
"""
import ctypes
import json
import os
import selectors
import socket
import struct
import sys
import time
import zlib

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA = 263, 8
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 0x10, 0x40
ROUNDS = 4
BURST = 48
PATIENCE = 0.5
LISTEN = 1.0
MARK = b"limevisor-mesh"
libc = ctypes.CDLL(None, use_errno=True)


def enter(name):
    """A socket stays in the network where it was made, whereever its owner goes."""
    at = os.open(f"/run/netns/{name}", os.O_RDONLY)
    if libc.setns(at, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"setns {name}")
    os.close(at)
    one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    one.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    one.bind(("eth0", ETH_P_ALL))
    one.setblocking(False)
    return one


def summed(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(payload):
    udp = struct.pack("!HHHH", 4000, 4001, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + bytes([10, 0, 0, 1, 10, 0, 0, 2])
    return head[:10] + struct.pack("!H", summed(head)) + head[12:] + udp


def ipv6(payload):
    addresses = bytes.fromhex("20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02")
    return struct.pack("!IHBB", 6 << 28, len(payload), 59, 64) + addresses + payload


# A kind is what stands between the addresses and the payload.
KINDS = {
    "IPv4": lambda p: struct.pack("!H", 0x0800) + ipv4(p),
    "IPv6": lambda p: struct.pack("!H", 0x86DD) + ipv6(p),
    "VLAN 10": lambda p: struct.pack("!HHH", 0x8100, 10, 0x0800) + ipv4(p),
    "VLAN 4094, IPv6": lambda p: struct.pack("!HHH", 0x8100, 4094, 0x86DD) + ipv6(p),
    "QinQ": lambda p: struct.pack("!HHHHH", 0x88A8, 20, 0x8100, 10, 0x0800) + ipv4(p),
    "MPLS": lambda p: struct.pack("!HI", 0x8847, (77 << 12) | 0x1FF) + ipv4(p),
    "another ethertype": lambda p: struct.pack("!H", 0x88B5) + p,
    "full size": lambda p: struct.pack("!H", 0x88B6) + p.ljust(1500, b"\0"),
}


class Mesh:
    def __init__(self, hosts):
        self.hosts = hosts
        self.sockets = [enter(host["name"]) for host in hosts]
        self.selector = selectors.DefaultSelector()
        for i, one in enumerate(self.sockets):
            self.selector.register(one, selectors.EVENT_READ, i)
        self.came = set()
        self.copies = set()
        self.twice = {}
        self.foreign = {}
        self.changed = {}

    def frame(self, kind, sender, to, copy):
        key = f"{self.hosts[sender]['tenant']}|{kind}|{sender}|{to}|{copy}|".encode()
        body = MARK + key + struct.pack("!I", zlib.crc32(key))
        addresses = self.hosts[to]["mac"] + self.hosts[sender]["mac"]
        return (bytes.fromhex(addresses.replace(":", "")) + KINDS[kind](body)).ljust(60, b"\0")

    def receive(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self.selector.select(left):
                self.read(key.data)

    def read(self, at):
        while True:
            try:
                data, aux, _, sender = self.sockets[at].recvmsg(4096, 256)
            except BlockingIOError:
                return
            if sender[2] != socket.PACKET_OUTGOING:
                self.heard(at, restored(data, aux))

    def heard(self, at, data):
        start = data.find(MARK)
        if start < 0:
            return
        tenant, kind, sender, to, copy, _ = data[start + len(MARK):].split(b"|", 5)
        kind, sender, to, copy = kind.decode(), int(sender), int(to), int(copy)
        own = self.hosts[at]["tenant"]
        if tenant.decode() != own:
            self.foreign[own] = self.foreign.get(own, 0) + 1
        elif to == at:
            if (kind, sender, to, copy) in self.copies:
                self.twice[own] = self.twice.get(own, 0) + 1
            self.copies.add((kind, sender, to, copy))
            self.came.add((kind, sender, to))
            if data != self.frame(kind, sender, to, copy):
                self.changed[own] = self.changed.get(own, 0) + 1

    def send(self, some, copy):
        """A burst is sent when the one before has come, or will not: switches are not to be full."""
        for start in range(0, len(some), BURST):
            burst = some[start : start + BURST]
            for kind, sender, to in burst:
                self.sockets[sender].send(self.frame(kind, sender, to, copy))
            self.wait(burst, PATIENCE)

    def wait(self, some, seconds):
        """Until they have come, or for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and any(one not in self.came for one in some):
            self.receive(0.01)


def restored(data, aux):
    """The kernel takes the outer tag out of the frame, and tells it aside."""
    for level, kind, value in aux:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", value[:20])
            if status & TP_STATUS_VLAN_VALID:
                outer = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                return data[:12] + struct.pack("!HH", outer, tci) + data[12:]
    return data


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        hosts = json.load(file)
    mesh = Mesh(hosts)
    all_of = range(len(hosts))
    due = [
        (kind, one, other)
        for kind in KINDS
        for one in all_of
        for other in all_of
        if one != other and hosts[one]["tenant"] == hosts[other]["tenant"]
    ]
    for copy in range(ROUNDS):
        missing = [one for one in due if one not in mesh.came]
        if not missing:
            break
        mesh.send(missing, copy)
        mesh.wait(missing, float(sys.argv[2]))
    mesh.receive(LISTEN)
    print(json.dumps({tenant: {
        "due": sum(1 for one in due if hosts[one[1]]["tenant"] == tenant),
        "came": sum(1 for one in mesh.came if hosts[one[1]]["tenant"] == tenant),
        "twice": mesh.twice.get(tenant, 0),
        "changed": mesh.changed.get(tenant, 0),
        "foreign": mesh.foreign.get(tenant, 0),
        "missing": [
            f"{kind} from {hosts[one]['name']} to {hosts[other]['name']}"
            for kind, one, other in due
            if hosts[one]["tenant"] == tenant and (kind, one, other) not in mesh.came
        ][:20],
    } for tenant in sorted({host["tenant"] for host in hosts})}))


main()
