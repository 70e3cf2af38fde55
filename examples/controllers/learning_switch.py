"""A learning switch for OpenFlow 1.3, as a tenant would write it, on os-ken.

It learns which port each address is behind, installs a rule for each conversation with an idle
time-out, and prints one line for every message from its switches, so that a test can see what a
controller saw. Run it with Debian's own Python:

    /usr/bin/python3 /usr/bin/osken-manager --ofp-tcp-listen-port 6661 learning_switch.py
"""
import os
import sys
import time

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, DEAD_DISPATCHER, MAIN_DISPATCHER
from os_ken.controller.handler import set_ev_cls
from os_ken.lib.packet import ether_types, ethernet, packet
from os_ken.ofproto import ofproto_v1_3

IDLE_SEC = int(os.environ.get("LEARNING_IDLE_SEC", "5"))


class LearningSwitch(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.port_of = {}  # (dpid, address) -> port

    def saw(self, what, dpid, detail=""):
        print(f"{time.time():.3f} {what} dpid={dpid or 0:016x} {detail}".rstrip(), flush=True)

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def on_features(self, event):
        datapath = event.msg.datapath
        self.saw("connected", datapath.id)
        match = datapath.ofproto_parser.OFPMatch()
        out = datapath.ofproto_parser.OFPActionOutput(
            datapath.ofproto.OFPP_CONTROLLER, datapath.ofproto.OFPCML_NO_BUFFER
        )
        self.add_rule(datapath, 0, match, [out], idle_sec=0)

    @set_ev_cls(ofp_event.EventOFPStateChange, DEAD_DISPATCHER)
    def on_gone(self, event):
        self.saw("disconnected", event.datapath.id)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def on_packet_in(self, event):
        message = event.msg
        datapath = message.datapath
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        in_port = message.match["in_port"]
        frame = packet.Packet(message.data).get_protocol(ethernet.ethernet)
        self.saw("packet-in", datapath.id, f"port={in_port} {frame.src} > {frame.dst}")
        if frame.ethertype == ether_types.ETH_TYPE_LLDP:
            return
        self.port_of[datapath.id, frame.src] = in_port
        port = self.port_of.get((datapath.id, frame.dst))
        actions = [parser.OFPActionOutput(ofp.OFPP_FLOOD if port is None else port)]
        if port is not None:
            match = parser.OFPMatch(in_port=in_port, eth_src=frame.src, eth_dst=frame.dst)
            self.add_rule(datapath, 1, match, actions, idle_sec=IDLE_SEC)
        datapath.send_msg(
            parser.OFPPacketOut(
                datapath=datapath,
                buffer_id=message.buffer_id,
                in_port=in_port,
                actions=actions,
                data=message.data if message.buffer_id == ofp.OFP_NO_BUFFER else None,
            )
        )

    @set_ev_cls(ofp_event.EventOFPFlowRemoved, MAIN_DISPATCHER)
    def on_flow_removed(self, event):
        message = event.msg
        self.saw("flow-removed", message.datapath.id, f"reason={message.reason} "
                 f"packets={message.packet_count} {message.match}")

    @set_ev_cls(ofp_event.EventOFPPortStatus, MAIN_DISPATCHER)
    def on_port_status(self, event):
        self.saw("port-status", event.msg.datapath.id, f"port={event.msg.desc.port_no}")

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def on_error(self, event):
        self.saw("error", event.msg.datapath.id, f"{event.msg.type}/{event.msg.code}")

    def add_rule(self, datapath, priority, match, actions, idle_sec):
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        apply = parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, actions)
        datapath.send_msg(
            parser.OFPFlowMod(
                datapath=datapath,
                priority=priority,
                match=match,
                instructions=[apply],
                idle_timeout=idle_sec,
                flags=ofp.OFPFF_SEND_FLOW_REM if idle_sec else 0,
            )
        )
