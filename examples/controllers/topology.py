"""Prints the links between its switches as they are found, by LLDP: a tenant's own discovery.

    /usr/bin/python3 /usr/bin/osken-manager --observe-links --ofp-tcp-listen-port 6661 topology.py

os-ken's own application (os_ken.topology.switches) sends LLDP from every port, by packet-outs, and
reads where it comes up again. On virtual switches it must find the virtual links, and only those.
"""
from os_ken.base import app_manager
from os_ken.controller.handler import set_ev_cls
from os_ken.ofproto import ofproto_v1_0, ofproto_v1_3
from os_ken.topology import event, switches


class Topology(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_0.OFP_VERSION, ofproto_v1_3.OFP_VERSION]
    _CONTEXTS = {"switches": switches.Switches}

    @set_ev_cls(event.EventSwitchEnter)
    def on_switch(self, found):
        print(f"switch {found.switch.dp.id:016x}", flush=True)

    @set_ev_cls(event.EventLinkAdd)
    def on_link(self, found):
        print(f"link {self.end(found.link.src)} -> {self.end(found.link.dst)}", flush=True)

    @set_ev_cls(event.EventLinkDelete)
    def on_gone(self, found):
        print(f"gone {self.end(found.link.src)} -> {self.end(found.link.dst)}", flush=True)

    @staticmethod
    def end(port):
        return f"{port.dpid:x}:{port.port_no}"
