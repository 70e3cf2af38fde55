"""A learning switch for networks with loops: 802.1D by os-ken's own library (os_ken.lib.stplib).

    /usr/bin/python3 /usr/bin/osken-manager --ofp-tcp-listen-port 6661 spanning_tree.py

The library speaks BPDUs by packet-outs and blocks ports by port-mods; this application learns and
forwards on the ports that are left, in OpenFlow 1.0 and 1.3. It prints a line when a port changes
its state.
"""
from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import dpid as dpid_lib
from os_ken.lib import stplib
from os_ken.lib.mac import haddr_to_bin
from os_ken.lib.packet import ethernet, packet
from os_ken.ofproto import ofproto_v1_0, ofproto_v1_3

# Three of the standard's delays, shortened: seconds.
TIMERS = {"hello_time": 1, "max_age": 6, "fwd_delay": 3}
# A few in a row, and those of Mininet's torus of three by three.
DPIDS = [*range(1, 9), *(256 * x + y for x in range(1, 4) for y in range(1, 4))]

# The cookie of rules that are forgotten when the tree changes.
LEARNED = 1


def is_old(datapath):
    return datapath.ofproto.OFP_VERSION == ofproto_v1_0.OFP_VERSION


class SpanningTree(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_0.OFP_VERSION, ofproto_v1_3.OFP_VERSION]
    _CONTEXTS = {"stplib": stplib.Stp}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.port_of = {}  # (dpid, address) -> port
        bridge = {"bridge": TIMERS}
        dpids = [dpid_lib.str_to_dpid(f"{n:016x}") for n in DPIDS]
        kwargs["stplib"].set_config({dpid: bridge for dpid in dpids})

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def on_features(self, event):
        datapath = event.msg.datapath
        if is_old(datapath):
            return
        ofp, parser = datapath.ofproto, datapath.ofproto_parser
        up = parser.OFPActionOutput(ofp.OFPP_CONTROLLER, ofp.OFPCML_NO_BUFFER)
        self.add_rule(datapath, 0, parser.OFPMatch(), [up])

    def add_rule(self, datapath, priority, match, actions):
        ofp, parser = datapath.ofproto, datapath.ofproto_parser
        if is_old(datapath):
            what = {"actions": actions}
        else:
            apply = parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, actions)
            what = {"instructions": [apply]}
        datapath.send_msg(
            parser.OFPFlowMod(
                datapath=datapath,
                cookie=LEARNED if priority else 0,
                priority=priority,
                match=match,
                **what,
            )
        )

    @set_ev_cls(stplib.EventPacketIn, MAIN_DISPATCHER)
    def on_packet_in(self, event):
        message = event.msg
        datapath = message.datapath
        ofp, parser = datapath.ofproto, datapath.ofproto_parser
        in_port = message.in_port if is_old(datapath) else message.match["in_port"]
        frame = packet.Packet(message.data).get_protocol(ethernet.ethernet)
        self.port_of[datapath.id, frame.src] = in_port
        port = self.port_of.get((datapath.id, frame.dst))
        actions = [parser.OFPActionOutput(ofp.OFPP_FLOOD if port is None else port)]
        if port is not None:
            if is_old(datapath):
                match = parser.OFPMatch(in_port=in_port, dl_dst=haddr_to_bin(frame.dst))
            else:
                match = parser.OFPMatch(in_port=in_port, eth_dst=frame.dst)
            self.add_rule(datapath, 1, match, actions)
        datapath.send_msg(
            parser.OFPPacketOut(
                datapath=datapath,
                buffer_id=ofp.OFP_NO_BUFFER,
                in_port=in_port,
                actions=actions,
                data=message.data,
            )
        )

    @set_ev_cls(stplib.EventTopologyChange, MAIN_DISPATCHER)
    def on_topology_change(self, event):
        datapath = event.dp
        ofp, parser = datapath.ofproto, datapath.ofproto_parser
        print(f"changed {datapath.id:x}", flush=True)
        for dpid, address in [key for key in self.port_of if key[0] == datapath.id]:
            del self.port_of[dpid, address]
        if is_old(datapath):
            what = {"out_port": ofp.OFPP_NONE}
        else:
            # The library has a rule of its own, by which BPDUs come up.
            ours = {"cookie": LEARNED, "cookie_mask": LEARNED}
            what = {"out_port": ofp.OFPP_ANY, "out_group": ofp.OFPG_ANY, **ours}
        datapath.send_msg(
            parser.OFPFlowMod(
                datapath=datapath, command=ofp.OFPFC_DELETE, match=parser.OFPMatch(), **what
            )
        )

    @set_ev_cls(stplib.EventPortStateChange, MAIN_DISPATCHER)
    def on_port(self, event):
        names = {
            stplib.PORT_STATE_DISABLE: "disabled",
            stplib.PORT_STATE_BLOCK: "blocked",
            stplib.PORT_STATE_LISTEN: "listening",
            stplib.PORT_STATE_LEARN: "learning",
            stplib.PORT_STATE_FORWARD: "forwarding",
        }
        print(f"port {event.dp.id:x}:{event.port_no} {names[event.port_state]}", flush=True)
