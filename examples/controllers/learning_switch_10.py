"""A learning switch for OpenFlow 1.0, as a tenant would write it, on os-ken.

As learning_switch.py, in the older version: what no rule matches comes up by itself, and a rule is
a match and a list of actions. It takes tags off what it forwards, if there are any, with an
action that 1.3 does not have. Run it with Debian's own Python:

    /usr/bin/python3 /usr/bin/osken-manager --ofp-tcp-listen-port 6661 learning_switch_10.py
"""
import os
import time

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, DEAD_DISPATCHER, MAIN_DISPATCHER
from os_ken.controller.handler import set_ev_cls
from os_ken.lib.mac import haddr_to_bin
from os_ken.lib.packet import ether_types, ethernet, packet
from os_ken.ofproto import ofproto_v1_0

IDLE_SEC = int(os.environ.get("LEARNING_IDLE_SEC", "5"))


class LearningSwitch(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_0.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.port_of = {}  # (dpid, address) -> port

    def saw(self, what, dpid, detail=""):
        print(f"{time.time():.3f} {what} dpid={dpid or 0:016x} {detail}".rstrip(), flush=True)

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def on_features(self, event):
        ports = sorted(event.msg.ports)
        self.saw("connected", event.msg.datapath.id, f"ports={ports}")

    @set_ev_cls(ofp_event.EventOFPStateChange, DEAD_DISPATCHER)
    def on_gone(self, event):
        self.saw("disconnected", event.datapath.id)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def on_packet_in(self, event):
        message = event.msg
        datapath = message.datapath
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        frame = packet.Packet(message.data).get_protocol(ethernet.ethernet)
        self.saw("packet-in", datapath.id, f"port={message.in_port} {frame.src} > {frame.dst}")
        if frame.ethertype == ether_types.ETH_TYPE_LLDP:
            return
        self.port_of[datapath.id, frame.src] = message.in_port
        port = self.port_of.get((datapath.id, frame.dst))
        actions = [parser.OFPActionOutput(ofp.OFPP_FLOOD if port is None else port)]
        if port is not None:
            # Harmless on what has no tag, which is what OpenFlow 1.3 cannot say in one rule.
            actions.insert(0, parser.OFPActionStripVlan())
            self.add_rule(datapath, message.in_port, frame, actions)
        datapath.send_msg(
            parser.OFPPacketOut(
                datapath=datapath,
                buffer_id=message.buffer_id,
                in_port=message.in_port,
                actions=actions,
                data=message.data if message.buffer_id == ofp.OFP_NO_BUFFER else None,
            )
        )

    @set_ev_cls(ofp_event.EventOFPFlowRemoved, MAIN_DISPATCHER)
    def on_flow_removed(self, event):
        message = event.msg
        self.saw("flow-removed", message.datapath.id, f"reason={message.reason} "
                 f"packets={message.packet_count}")

    @set_ev_cls(ofp_event.EventOFPPortStatus, MAIN_DISPATCHER)
    def on_port_status(self, event):
        self.saw("port-status", event.msg.datapath.id, f"port={event.msg.desc.port_no}")

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def on_error(self, event):
        self.saw("error", event.msg.datapath.id, f"{event.msg.type}/{event.msg.code}")

    def add_rule(self, datapath, in_port, frame, actions):
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        match = parser.OFPMatch(
            in_port=in_port, dl_src=haddr_to_bin(frame.src), dl_dst=haddr_to_bin(frame.dst)
        )
        datapath.send_msg(
            parser.OFPFlowMod(
                datapath=datapath,
                match=match,
                cookie=0,
                command=ofp.OFPFC_ADD,
                idle_timeout=IDLE_SEC,
                priority=1,
                flags=ofp.OFPFF_SEND_FLOW_REM,
                actions=actions,
            )
        )
