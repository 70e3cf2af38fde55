#!/bin/bash
# What a packet costs over three bridges: plain, with a VLAN tag, in MPLS, in a network service
# header (docs/BENCHMARKS.md). As root, in namespaces of its own:
#   unshare --net --mount --pid --fork --kill-child --mount-proc bash tests/bench/ways.sh
set -e
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT
export OVS_RUNDIR=$D OVS_DBDIR=$D OVS_LOGDIR=$D
ip link set lo up
ovsdb-tool create "$D/conf.db" /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server "$D/conf.db" --remote=punix:"$D/db.sock" --pidfile="$D/db.pid" --detach --no-chdir 2>/dev/null
vsctl() { ovs-vsctl --db=unix:"$D/db.sock" "$@"; }
ofctl() { ovs-ofctl -O OpenFlow13 "$@"; }
vsctl --no-wait init
ovs-vswitchd unix:"$D/db.sock" --disable-system --pidfile="$D/vs.pid" --unixctl="$D/c.ctl" \
  --detach --no-chdir --log-file="$D/vs.log" 2>/dev/null
for s in 1 2 3; do
  vsctl add-br s$s -- set bridge s$s datapath_type=netdev fail_mode=secure protocols=OpenFlow13
done
join() { # interface, bridge and port at each end
  ip link add "$1" mtu 2000 type veth peer name "$2" mtu 2000
  for i in "$1" "$2"; do ip link set "$i" up; ethtool -K "$i" tx off rxvlan off txvlan off >/dev/null 2>&1; done
}
plug() { vsctl add-port "$1" "$2" -- set interface "$2" ofport_request="$3"; }
join h1 s1p1; plug s1 s1p1 1
join s1p2 s2p2; plug s1 s1p2 2; plug s2 s2p2 2
join s2p4 s3p4; plug s2 s2p4 4; plug s3 s3p4 4
join s3p1 h3; plug s3 s3p1 1
cat > "$D/send.py" <<'PY'
import socket, sys, time
seconds, flows = float(sys.argv[1]), int(sys.argv[2])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('h1', 0))
ip = bytes.fromhex('450000560000000040110000' + '0a000001' + '0a000002' + '3039005000420000') + bytes(58)
frames = [bytes.fromhex('04000000000102000000') + f.to_bytes(2, 'big') + b'\x08\0' + ip for f in range(flows)]
end = time.time() + seconds
while time.time() < end:
    for frame in frames[:64] if flows > 1 else frames * 64:
        s.send(frame)
PY
pid=$(cat "$D/vs.pid")
cpu() { awk '{print $14+$15}' "/proc/$pid/stat"; }
arrived() { awk '$1=="h3:"{print $3}' /proc/net/dev; }
measure() { # name, flows
  python3 "$D/send.py" 0.5 "$2"
  local before=$(cpu) from=$(arrived)
  python3 "$D/send.py" 2 "$2"
  sleep 0.2
  local packets=$(( $(arrived) - from )) ticks=$(( $(cpu) - before ))
  echo "$1, flows $2: $packets packets, $(( ticks * 10000000 / (packets + 1) )) ns each"
}
rules() { # of s1, s2, s3's first table, and whether it has a second
  for s in s1 s2 s3; do ofctl del-flows $s; done
  ofctl add-flow s1 "in_port=1,actions=$1,output:2"
  ofctl add-flow s2 "in_port=2,$2,actions=output:4"
  ofctl add-flow s3 "in_port=4,$2,actions=$3,resubmit(,1)"
  ofctl add-flow s3 'table=1,actions=output:1'
}
bits='load:1->NXM_OF_ETH_SRC[41],load:3->NXM_OF_ETH_DST[40..41]'
# What a way is wrapped in: label 100 is in an address (translation/wiring/labels.ts).
label='load:3->NXM_OF_ETH_DST[29..30],load:1->NXM_OF_ETH_DST[26]'
for round in 1 2 3; do
  for flows in 1 64; do
    rules 'set_field:0->reg0' 'dl_dst=04:00:00:00:00:01' 'set_field:0->reg0'; measure plain $flows
    rules 'push_vlan:0x88a8,set_field:4196->vlan_vid' dl_vlan=100 pop_vlan; measure vlan $flows
    rules "encap(mpls),set_field:100->mpls_label,encap(ethernet),$bits" mpls,mpls_label=100 \
      'decap(),decap(packet_type(ns=0,type=0))'; measure mpls $flows
    rules "encap(nsh(md_type=2)),encap(ethernet),$bits,$label" \
      dl_type=0x894f,dl_dst=03:00:64:00:00:00/ff:ff:ff:00:00:00 'decap(),decap()'; measure nsh $flows
  done
done
kill "$pid" "$(cat "$D/db.pid")"
