"""os-ken's OpenFlow codec, spoken to in hex lines: the other implementation of osken.test.ts.

    osken.py parse                     stdin: hex frames, a line each; stdout: what os-ken reads
    osken.py random VERSION SEED N     stdout: N random messages of a controller, in hex

Run it with Debian's /usr/bin/python3, which has os-ken.
"""

import json
import random
import sys

import osken10
from os_ken.ofproto import ofproto_parser, ofproto_protocol
from os_ken.ofproto import ofproto_v1_3 as ofp
from os_ken.ofproto import ofproto_v1_3_parser as parser

datapath = ofproto_protocol.ProtocolDesc(version=ofp.OFP_VERSION)


def hex_of(match):
    buf = bytearray(0 if match.__module__ == parser.__name__ else 40)
    match.serialize(buf, 0)
    return buf.hex()


def parse(line):
    """A frame's class and scalars, its matches' bytes and, where os-ken can, its own again."""
    buf = bytes.fromhex(line)
    version, kind, length, xid = ofproto_parser.header(buf)
    spoken = ofproto_protocol.ProtocolDesc(version=version)
    message = ofproto_parser.msg(spoken, version, kind, length, xid, buf)
    if message is None:
        return {"error": "os-ken cannot parse it"}
    rows = message.body if isinstance(getattr(message, "body", None), list) else []
    matches = [hex_of(part.match) for part in [message, *rows] if hasattr(part, "match")]
    again = None
    if type(message)._serialize_body is not ofproto_parser.MsgBase._serialize_body:
        message.serialize()
        again = bytes(message.buf).hex()
    (name, fields), = message.to_jsondict().items()
    return {"name": name, "fields": fields, "matches": matches, "again": again}


rng = random.Random()


def number(bits):
    return rng.getrandbits(bits)


def mac():
    return ":".join("%02x" % number(8) for _ in range(6))


def ipv4():
    return ".".join(str(number(8)) for _ in range(4))


def ipv6():
    return ":".join("%x" % number(16) for _ in range(8))


def masked(bits):
    """A value inside a mask that is neither all ones nor all zeros."""
    mask = rng.randrange(1, (1 << bits) - 1)
    return (number(bits) & mask, mask)


def match():
    base = rng.choice([
        lambda: {},
        lambda: {"vlan_vid": 0x1000 | number(12), "vlan_pcp": number(3)},
        lambda: {"vlan_vid": (0x1000, 0x1000)},
        lambda: {"eth_type": 0x0806, "arp_op": number(8), "arp_spa": ipv4(), "arp_tha": mac()},
        lambda: {"eth_type": 0x0800, "ip_proto": 6, "tcp_src": number(16), "ip_dscp": number(6)},
        lambda: {"eth_type": 0x0800, "ip_proto": 17, "udp_dst": number(16), "ip_ecn": number(2)},
        lambda: {"eth_type": 0x0800, "ip_proto": 132, "sctp_dst": number(16)},
        lambda: {"eth_type": 0x0800, "ipv4_src": ("10.1.0.0", "255.255.0.0"), "ipv4_dst": ipv4()},
        lambda: {"eth_type": 0x0800, "ip_proto": 1, "icmpv4_type": number(8), "icmpv4_code": 0},
        lambda: {"eth_type": 0x86dd, "ipv6_src": ipv6(), "ipv6_flabel": masked(20)},
        lambda: {"eth_type": 0x86dd, "ip_proto": 58, "icmpv6_type": 135, "ipv6_nd_sll": mac()},
        lambda: {"eth_type": 0x8847, "mpls_label": number(20), "mpls_tc": number(3), "mpls_bos": 1},
        lambda: {"eth_type": 0x88e7, "pbb_isid": number(24)},
    ])()
    more = {"in_port": number(16), "metadata": masked(64), "eth_dst": mac(),
            "tunnel_id": number(64),
            "eth_src": ("00:01:00:00:00:00", "00:ff:00:00:00:00"), "reg3": masked(32)}
    chosen = {name: value for name, value in more.items() if rng.random() < 0.4}
    return parser.OFPMatch(**base, **chosen)


def action():
    return rng.choice([
        lambda: parser.OFPActionOutput(number(32), number(16)),
        lambda: parser.OFPActionGroup(number(32)),
        lambda: parser.OFPActionSetQueue(number(32)),
        lambda: parser.OFPActionSetField(eth_dst=mac()),
        lambda: parser.OFPActionSetField(ipv4_src=ipv4()),
        lambda: parser.OFPActionSetField(ipv6_dst=ipv6()),
        lambda: parser.OFPActionSetField(vlan_vid=0x1000 | number(12)),
        lambda: parser.OFPActionPushVlan(0x8100),
        lambda: parser.OFPActionPopVlan(),
        lambda: parser.OFPActionPushMpls(0x8847),
        lambda: parser.OFPActionPopMpls(0x0800),
        lambda: parser.OFPActionPushPbb(0x88e7),
        lambda: parser.OFPActionPopPbb(),
        lambda: parser.OFPActionSetMplsTtl(number(8)),
        lambda: parser.OFPActionDecMplsTtl(),
        lambda: parser.OFPActionSetNwTtl(number(8)),
        lambda: parser.OFPActionDecNwTtl(),
        lambda: parser.OFPActionCopyTtlOut(),
        lambda: parser.OFPActionCopyTtlIn(),
        lambda: parser.NXActionResubmitTable(in_port=number(16), table_id=number(8)),
        lambda: parser.NXActionRegMove("reg1", "eth_src", 32),
    ])()


def actions():
    return [action() for _ in range(rng.randrange(5))]


def instructions():
    every = [
        parser.OFPInstructionMeter(number(16)),
        parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, actions()),
        parser.OFPInstructionActions(ofp.OFPIT_CLEAR_ACTIONS, []),
        parser.OFPInstructionActions(ofp.OFPIT_WRITE_ACTIONS, actions()),
        parser.OFPInstructionWriteMetadata(number(64), number(64)),
        parser.OFPInstructionGotoTable(number(7)),
    ]
    return [one for one in every if rng.random() < 0.5]


def flow_mod():
    return parser.OFPFlowMod(
        datapath, number(64), number(64), number(8), rng.randrange(5), number(16), number(16),
        number(16), number(32), number(32), number(32), number(5), match(), instructions())


def group_mod():
    buckets = [parser.OFPBucket(number(16), number(32), number(32), actions())
               for _ in range(rng.randrange(4))]
    return parser.OFPGroupMod(datapath, rng.randrange(3), rng.randrange(4), number(32), buckets)


def flow_request(cls):
    return cls(datapath, 0, number(8), number(32), number(32), number(64), number(64), match())


def meter_mod():
    bands = [parser.OFPMeterBandDrop(number(32), number(32)),
             parser.OFPMeterBandDscpRemark(number(32), number(32), number(8))]
    flags = rng.choice([0, 1, 2, 5, 8, 13, 14])
    return parser.OFPMeterMod(datapath, 0, flags, number(16), bands[:rng.randrange(3)])


messages = [
    flow_mod, flow_mod, flow_mod, group_mod, group_mod, meter_mod,
    lambda: parser.OFPHello(datapath),
    lambda: parser.OFPErrorMsg(datapath, number(4), number(4), bytes(rng.randrange(70))),
    lambda: parser.OFPEchoRequest(datapath, bytes(rng.randrange(70))),
    lambda: parser.OFPEchoReply(datapath, b"x" * rng.randrange(70)),
    lambda: parser.OFPExperimenter(datapath, 77, number(32), bytes(rng.randrange(9))),
    lambda: parser.OFPFeaturesRequest(datapath),
    lambda: parser.OFPGetConfigRequest(datapath),
    lambda: parser.OFPSetConfig(datapath, number(2), number(16)),
    lambda: parser.OFPPacketOut(datapath, ofp.OFP_NO_BUFFER, number(32), actions(),
                                bytes(rng.randrange(99))),
    lambda: parser.OFPPortMod(datapath, number(32), mac(), number(7), number(7), number(16)),
    lambda: parser.OFPTableMod(datapath, number(8), number(2)),
    lambda: flow_request(parser.OFPFlowStatsRequest),
    lambda: flow_request(parser.OFPAggregateStatsRequest),
    lambda: parser.OFPDescStatsRequest(datapath, 0),
    lambda: parser.OFPTableStatsRequest(datapath, 0),
    lambda: parser.OFPPortStatsRequest(datapath, 0, number(32)),
    lambda: parser.OFPQueueStatsRequest(datapath, 0, number(32), number(32)),
    lambda: parser.OFPGroupStatsRequest(datapath, 0, number(32)),
    lambda: parser.OFPGroupDescStatsRequest(datapath, 0),
    lambda: parser.OFPGroupFeaturesStatsRequest(datapath, 0),
    lambda: parser.OFPMeterStatsRequest(datapath, 0, number(32)),
    lambda: parser.OFPMeterConfigStatsRequest(datapath, 0, number(32)),
    lambda: parser.OFPMeterFeaturesStatsRequest(datapath, 0),
    lambda: parser.OFPPortDescStatsRequest(datapath, 0),
    lambda: parser.OFPBarrierRequest(datapath),
    lambda: parser.OFPQueueGetConfigRequest(datapath, number(16)),
    lambda: parser.OFPRoleRequest(datapath, rng.randrange(4), number(64)),
    lambda: parser.OFPGetAsyncRequest(datapath),
    lambda: parser.OFPSetAsync(datapath, [number(3), number(3)], [number(3), number(3)],
                               [number(4), number(4)]),
]


def random_frame(makers, index):
    message = makers[index % len(makers)]()
    message.set_xid(number(32))
    message.serialize()
    return bytes(message.buf).hex()


if sys.argv[1] == "parse":
    for line in sys.stdin:
        print(json.dumps(parse(line.strip())))
else:
    rng.seed(int(sys.argv[3]))
    makers = osken10.messages(rng) if sys.argv[2] == "1" else messages
    for index in range(int(sys.argv[4])):
        print(random_frame(makers, index))
