"""A firewall that leaves forwarding to its switch, on os-ken: Ryu's rest_firewall without its web.

ARP passes, and ICMP between the hosts that may talk: by OFPP_NORMAL, so the switch learns where
they are. What no rule allows goes up, its first 128 bytes, and no further.

Speaks OpenFlow 1.3, or 1.0 where FIREWALL_OPENFLOW=1.0. Prints a line for each switch, for each
packet that was blocked, and for each error:

    connected DPID
    blocked DPID PORT SOURCE DESTINATION
    error DPID TYPE/CODE
"""
import os
import socket

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.ofproto import ofproto_v1_0, ofproto_v1_3

ARP, IPV4, ICMP = 0x806, 0x800, 1
# As in rest_firewall: ARP above all that somebody allows, and below everything what is blocked.
ARP_PRIORITY, RULE_PRIORITY, BLOCKED_PRIORITY = 0xFFFE, 10, 0
BLOCKED_BYTES = 128
# Both ways.
MAY_TALK = [("10.0.0.1", "10.0.0.2"), ("10.0.0.2", "10.0.0.3")]
IS_OLD = os.environ.get("FIREWALL_OPENFLOW") == "1.0"


def say(*words):
    print(*words, flush=True)


class Firewall(app_manager.OSKenApp):
    OFP_VERSIONS = [(ofproto_v1_0 if IS_OLD else ofproto_v1_3).OFP_VERSION]

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def on_features(self, event):
        datapath = event.msg.datapath
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        normal = parser.OFPActionOutput(ofp.OFPP_NORMAL, 0)
        up = parser.OFPActionOutput(ofp.OFPP_CONTROLLER, BLOCKED_BYTES)
        self.add_rule(datapath, BLOCKED_PRIORITY, {}, up)
        self.add_rule(datapath, ARP_PRIORITY, {"dl_type": ARP}, normal)
        for one, other in MAY_TALK:
            for source, destination in [(one, other), (other, one)]:
                match = {"nw_src": source, "nw_dst": destination}
                icmp = {"dl_type": IPV4, "nw_proto": ICMP, **match}
                self.add_rule(datapath, RULE_PRIORITY, icmp, normal)
        say("connected", datapath.id)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def on_packet_in(self, event):
        message = event.msg
        data = message.data
        if data[12:14] != IPV4.to_bytes(2, "big"):
            return
        in_port = message.in_port if IS_OLD else message.match["in_port"]
        source, destination = (socket.inet_ntoa(data[at : at + 4]) for at in (26, 30))
        say("blocked", message.datapath.id, in_port, source, destination)

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def on_error(self, event):
        say("error", event.msg.datapath.id, f"{event.msg.type}/{event.msg.code}")

    def add_rule(self, datapath, priority, fields, action):
        """Fields have OpenFlow 1.0's names."""
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        if IS_OLD:
            match = parser.OFPMatch(**fields)
            what = {"command": ofp.OFPFC_ADD, "actions": [action]}
        else:
            names = {"dl_type": "eth_type", "nw_proto": "ip_proto"}
            names |= {"nw_src": "ipv4_src", "nw_dst": "ipv4_dst"}
            match = parser.OFPMatch(**{names[name]: value for name, value in fields.items()})
            apply = parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, [action])
            what = {"instructions": [apply]}
        datapath.send_msg(
            parser.OFPFlowMod(datapath=datapath, priority=priority, match=match, **what)
        )
