"""A learning switch that asks its switches every second what has passed, on os-ken.

It asks by os-ken's own service (os_ken.app.ofctl), the only application that Debian ships with it,
in OpenFlow 1.0 and 1.3. Its rules have no time-out, as those of os-ken's simple_switch. Prints a
line for each answer, and for each error:

    counted DPID ports=NUMBER rules=NUMBER tables=NUMBER packets=NUMBER
    unanswered DPID WHY
    error DPID TYPE/CODE
"""
from os_ken.app.ofctl import api as ofctl
from os_ken.app.ofctl.exception import OFError, UnexpectedMultiReply
from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import hub
from os_ken.lib.mac import haddr_to_bin
from os_ken.lib.packet import ether_types, ethernet, packet
from os_ken.ofproto import ofproto_v1_0, ofproto_v1_3

INTERVAL_SEC = 1


def say(*words):
    print(*words, flush=True)


def is_old(datapath):
    return datapath.ofproto.OFP_VERSION == ofproto_v1_0.OFP_VERSION


class Monitor(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_0.OFP_VERSION, ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.port_of = {}  # (dpid, address) -> port
        hub.spawn(self.watch)

    def watch(self):
        while True:
            hub.sleep(INTERVAL_SEC)
            for datapath in ofctl.get_datapath(self) or []:
                try:
                    self.count(datapath)
                except (OFError, UnexpectedMultiReply) as why:
                    say("unanswered", datapath.id, why)

    def count(self, datapath):
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        if is_old(datapath):
            every = parser.OFPMatch()
            ports = parser.OFPPortStatsRequest(datapath, 0, ofp.OFPP_NONE)
            rules = parser.OFPFlowStatsRequest(datapath, 0, every, 0xFF, ofp.OFPP_NONE)
            tables = parser.OFPTableStatsRequest(datapath, 0)
        else:
            ports = parser.OFPPortStatsRequest(datapath, 0, ofp.OFPP_ANY)
            rules = parser.OFPFlowStatsRequest(datapath)
            tables = parser.OFPTableStatsRequest(datapath, 0)
        of_ports = self.rows(ports, parser.OFPPortStatsReply)
        of_rules = self.rows(rules, parser.OFPFlowStatsReply)
        of_tables = self.rows(tables, parser.OFPTableStatsReply)
        packets = sum(row.packet_count for row in of_rules)
        counts = {"ports": len(of_ports), "rules": len(of_rules), "tables": len(of_tables)}
        words = [f"{name}={value}" for name, value in {**counts, "packets": packets}.items()]
        say("counted", datapath.id, *words)

    def rows(self, request, reply):
        answers = ofctl.send_msg(self, request, reply_cls=reply, reply_multi=True)
        return [row for answer in answers or [] for row in answer.body]

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def on_features(self, event):
        datapath = event.msg.datapath
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        if not is_old(datapath):
            up = parser.OFPActionOutput(ofp.OFPP_CONTROLLER, ofp.OFPCML_NO_BUFFER)
            self.add_rule(datapath, 0, parser.OFPMatch(), up)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def on_packet_in(self, event):
        message = event.msg
        datapath = message.datapath
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        old = is_old(datapath)
        in_port = message.in_port if old else message.match["in_port"]
        frame = packet.Packet(message.data).get_protocol(ethernet.ethernet)
        if frame.ethertype == ether_types.ETH_TYPE_LLDP:
            return
        self.port_of[datapath.id, frame.src] = in_port
        port = self.port_of.get((datapath.id, frame.dst), ofp.OFPP_FLOOD)
        out = parser.OFPActionOutput(port)
        if port != ofp.OFPP_FLOOD:
            ends = (frame.src, frame.dst)
            source, target = map(haddr_to_bin, ends) if old else ends
            names = ("dl_src", "dl_dst") if old else ("eth_src", "eth_dst")
            match = parser.OFPMatch(in_port=in_port, **dict(zip(names, (source, target))))
            self.add_rule(datapath, 1, match, out)
        datapath.send_msg(
            parser.OFPPacketOut(
                datapath=datapath,
                buffer_id=message.buffer_id,
                in_port=in_port,
                actions=[out],
                data=message.data if message.buffer_id == ofp.OFP_NO_BUFFER else None,
            )
        )

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def on_error(self, event):
        say("error", event.msg.datapath.id, f"{event.msg.type}/{event.msg.code}")

    def add_rule(self, datapath, priority, match, action):
        parser, ofp = datapath.ofproto_parser, datapath.ofproto
        if is_old(datapath):
            what = {"command": ofp.OFPFC_ADD, "actions": [action]}
        else:
            apply = parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, [action])
            what = {"instructions": [apply]}
        datapath.send_msg(
            parser.OFPFlowMod(datapath=datapath, priority=priority, match=match, **what)
        )
