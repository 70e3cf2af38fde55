"""Random messages of an OpenFlow 1.0 controller, made by os-ken's codec: a part of osken.py.

Matches are normal: a network field only where the ethertype has it, as Open vSwitch keeps them.
"""

from os_ken.ofproto import ofproto_protocol
from os_ken.ofproto import ofproto_v1_0 as ofp
from os_ken.ofproto import ofproto_v1_0_parser as parser

datapath = ofproto_protocol.ProtocolDesc(version=ofp.OFP_VERSION)


def messages(rng):
    """Functions that make one random message each."""

    def number(bits):
        return rng.getrandbits(bits)

    def mac():
        return ":".join("%02x" % (number(8) | 1) for _ in range(6))

    def port():
        return rng.choice([number(15), 0xFFF8, 0xFFFB, 0xFFFD, 0xFFFE])

    def match():
        base = rng.choice([
            lambda: {},
            lambda: {"dl_vlan": 0xFFFF},
            lambda: {"dl_vlan": number(12), "dl_vlan_pcp": number(3)},
            lambda: {"dl_vlan_pcp": number(3)},
            lambda: {"dl_type": 0x0806, "nw_proto": number(8), "nw_src": number(32)},
            lambda: {"dl_type": 0x0800, "nw_proto": 6, "tp_src": number(16), "tp_dst": number(16)},
            lambda: {"dl_type": 0x0800, "nw_proto": 17, "tp_dst": number(16),
                     "nw_tos": number(6) << 2},
            lambda: {"dl_type": 0x0800, "nw_proto": 1, "tp_src": number(8), "tp_dst": number(8)},
            lambda: {"dl_type": 0x0800, "nw_src": number(8) << 24, "nw_src_mask": 8,
                     "nw_dst": number(32)},
            lambda: {"dl_type": 0x86DD, "nw_proto": 58},
            lambda: {"dl_type": 0x88CC},
        ])()
        more = {"in_port": port(), "dl_src": mac(), "dl_dst": mac()}
        chosen = {name: value for name, value in more.items() if rng.random() < 0.4}
        return parser.OFPMatch(**base, **chosen)

    def action():
        return rng.choice([
            lambda: parser.OFPActionOutput(port(), number(16)),
            lambda: parser.OFPActionVlanVid(number(12)),
            lambda: parser.OFPActionVlanPcp(number(3)),
            lambda: parser.OFPActionStripVlan(),
            lambda: parser.OFPActionSetDlSrc(mac()),
            lambda: parser.OFPActionSetDlDst(mac()),
            lambda: parser.OFPActionSetNwSrc("10.1.2.%d" % number(8)),
            lambda: parser.OFPActionSetNwDst("10.1.2.%d" % number(8)),
            lambda: parser.OFPActionSetNwTos(number(6) << 2),
            lambda: parser.OFPActionSetTpSrc(number(16)),
            lambda: parser.OFPActionSetTpDst(number(16)),
            lambda: parser.OFPActionEnqueue(number(15), number(32)),
            lambda: parser.NXActionResubmitTable(in_port=number(16), table_id=number(8)),
        ])()

    def actions():
        return [action() for _ in range(rng.randrange(5))]

    def flow_mod():
        return parser.OFPFlowMod(
            datapath, match(), number(64), rng.randrange(5), number(16), number(16), number(16),
            number(32), port(), number(2), actions())

    def flow_request(cls):
        return cls(datapath, 0, match(), number(8), port())

    return [
        flow_mod, flow_mod, flow_mod,
        lambda: parser.OFPHello(datapath),
        lambda: parser.OFPErrorMsg(datapath, 3, number(2), bytes(rng.randrange(70))),
        lambda: parser.OFPEchoRequest(datapath, bytes(rng.randrange(70))),
        lambda: parser.OFPEchoReply(datapath, b"x" * rng.randrange(70)),
        lambda: parser.NXTRoleRequest(datapath, rng.randrange(3)),
        lambda: parser.OFPFeaturesRequest(datapath),
        lambda: parser.OFPGetConfigRequest(datapath),
        lambda: parser.OFPSetConfig(datapath, number(2), number(16)),
        lambda: parser.OFPPacketOut(datapath, 0xFFFFFFFF, port(), actions(),
                                    bytes(rng.randrange(99))),
        lambda: parser.OFPPortMod(datapath, number(15), mac(), number(7), number(7), number(12)),
        lambda: flow_request(parser.OFPFlowStatsRequest),
        lambda: flow_request(parser.OFPAggregateStatsRequest),
        lambda: parser.OFPDescStatsRequest(datapath, 0),
        lambda: parser.OFPTableStatsRequest(datapath, 0),
        lambda: parser.OFPPortStatsRequest(datapath, 0, port()),
        lambda: parser.OFPQueueStatsRequest(datapath, 0, 0xFFFC, number(32)),
        lambda: parser.OFPBarrierRequest(datapath),
        lambda: parser.OFPQueueGetConfigRequest(datapath, number(15)),
    ]
