"""Two applications that misjudge when a switch is not one switch, on os-ken.

dpid 1 is a stateful firewall: port 1 is inside. A question from inside goes up; its answer is let
in, and then the question goes on. What else comes from outside is dropped.

dpid 2 is an intrusion detection: everything goes up and on. An answer without a question would be
an intruder's, and so is what comes by port 3: its source port is blocked for good.

Speaks OpenFlow 1.0 and 1.3. Prints a line for each judgement, with the machine's monotonic clock:

    blocked PORT SECONDS      nothing of it may pass that was sent after that moment
    misjudged NUMBER          an answer came whose question had not been heard
"""
import struct
import time

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import mac
from os_ken.ofproto import ofproto_v1_0, ofproto_v1_3

UDP = 17
ANSWERING = 7
FIREWALL, DETECTION = 1, 2
# By dpid, the port that leads to each of these hosts.
HOSTS = {
    FIREWALL: {"02:00:00:00:00:01": 1, "02:00:00:00:00:02": 2},
    DETECTION: {"02:00:00:00:00:03": 1, "02:00:00:00:00:04": 2},
}


def say(*words):
    print(*words, flush=True)


class Protecting(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_0.OFP_VERSION, ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = set()
        self.blocked = set()
        self.waiting = {}  # xid of a barrier -> port

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def on_features(self, event):
        datapath = event.msg.datapath
        if datapath.id == FIREWALL:
            self.add_rule(datapath, 1, {"in_port": 1}, [self.up(datapath)])
        else:
            for address, port in HOSTS[DETECTION].items():
                both = [self.up(datapath), self.to(datapath, port)]
                self.add_rule(datapath, 1, {"dl_dst": address}, both)
        say("connected", datapath.id)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def on_packet_in(self, event):
        message = event.msg
        datapath, data = message.datapath, message.data
        if data[12:14] != b"\x08\x00" or data[23] != UDP:
            return
        is_old = datapath.ofproto.OFP_VERSION == ofproto_v1_0.OFP_VERSION
        in_port = message.in_port if is_old else message.match["in_port"]
        source, destination, number = struct.unpack("!HHxxxxI", data[34:46])
        if datapath.id == FIREWALL:
            self.let_in(datapath, in_port, data, source)
        elif source == ANSWERING:
            if number not in self.asked:
                say("misjudged", number)
        elif destination == ANSWERING:
            self.asked.add(number)
        elif source not in self.blocked:
            self.block(datapath, source)

    def let_in(self, datapath, in_port, data, asking):
        back = {"in_port": 2, "tp_src": ANSWERING, "tp_dst": asking}
        # Replaced when the number comes again.
        self.add_rule(datapath, 10, back, [self.to(datapath, 1)])
        out = self.to(datapath, HOSTS[FIREWALL][mac.haddr_to_str(data[:6])])
        datapath.send_msg(
            datapath.ofproto_parser.OFPPacketOut(
                datapath=datapath,
                buffer_id=0xFFFFFFFF,
                in_port=in_port,
                actions=[out],
                data=data,
            )
        )

    def block(self, datapath, port):
        self.blocked.add(port)
        self.add_rule(datapath, 100, {"in_port": 3, "tp_src": port}, [])
        barrier = datapath.ofproto_parser.OFPBarrierRequest(datapath)
        datapath.set_xid(barrier)
        self.waiting[barrier.xid] = port
        datapath.send_msg(barrier)

    @set_ev_cls(ofp_event.EventOFPBarrierReply, MAIN_DISPATCHER)
    def on_barrier(self, event):
        say("blocked", self.waiting.pop(event.msg.xid), f"{time.monotonic():.6f}")

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def on_error(self, event):
        say("error", event.msg.datapath.id, f"{event.msg.type}/{event.msg.code}")

    def up(self, datapath):
        return datapath.ofproto_parser.OFPActionOutput(datapath.ofproto.OFPP_CONTROLLER, 0xFFFF)

    def to(self, datapath, port):
        return datapath.ofproto_parser.OFPActionOutput(port, 0xFFFF)

    def add_rule(self, datapath, priority, fields, actions):
        """Of UDP over IPv4; fields have OpenFlow 1.0's names."""
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        if ofp.OFP_VERSION == ofproto_v1_0.OFP_VERSION:
            match = parser.OFPMatch(dl_type=0x800, nw_proto=UDP, **fields)
            what = {"command": ofp.OFPFC_ADD, "actions": actions}
        else:
            names = {"dl_dst": "eth_dst", "tp_src": "udp_src", "tp_dst": "udp_dst"}
            own = {names.get(name, name): value for name, value in fields.items()}
            match = parser.OFPMatch(eth_type=0x800, ip_proto=UDP, **own)
            apply = parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, actions)
            what = {"instructions": [apply]}
        datapath.send_msg(
            parser.OFPFlowMod(datapath=datapath, priority=priority, match=match, **what)
        )
