/**
 * Hosts, switches and the cables between them, as a simulated network has them.
 */
import { version } from '../../openflow/values/constants.ts';
import { Cuts } from './cuts.ts';
import { FRAME_BYTES_MIN, frameOf, isProbe } from './frames.ts';
import { HostPlaces } from './host-moves.ts';
import { Host, type Journal } from './hosts.ts';
import { swapped } from './links.ts';
import { hostsOf, type Network, tenants } from './networks.ts';
import type { Ovsdbs } from './ovsdbs.ts';
import type { Frame } from './pipeline.ts';
import { SimSwitch, type SwitchOptions } from './switch.ts';
import type { Trace } from './trace.ts';
import { H1, H2, H3 } from './ways.ts';
import type { SimWorld } from './world.ts';

const CABLE_MS = 2;
const addresses = [H1, H2, H3];

/** Of scenario.ts. */
interface PlugOptions {
  readonly old?: 'none' | 'some' | 'all';
  readonly cableMs?: number;
  readonly swaps?: boolean;
  readonly hostMoves?: boolean;
  readonly ovsdbs?: Ovsdbs | undefined;
  readonly asks?: readonly number[];
}

export interface Plugged {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly switches: readonly SimSwitch[];
  readonly cuts: Cuts;
}

/** Cables that delay at random and keep their order. */
export function plug(
  world: SimWorld,
  network: Network,
  journal: Journal,
  places: HostPlaces,
  { old, cableMs = CABLE_MS, swaps = false, hostMoves = false, ovsdbs, asks }: PlugOptions,
): Plugged {
  const receivers = new Map<string, (frame: Frame) => void>();
  const lastMs = new Map<string, number>();
  const cuts = new Cuts();
  const carry = (from: string, to: string, frame: Frame): void => {
    if (!cuts.carries(from)) return;
    const wanted = world.now + 0.05 + world.random() * cableMs;
    const atMs = Math.max(wanted, lastMs.get(from) ?? 0);
    lastMs.set(from, atMs);
    world.after(atMs - world.now, () => cuts.carries(to) && receivers.get(to)?.(frame));
  };
  const cables = new Map<string, string>();
  const { tunnels = new Set() } = network;
  const laid = network.links.filter((_, i) => !tunnels.has(i));
  for (const [one, other] of swaps ? swapped(network.links) : laid) {
    cables.set(one, other);
    cables.set(other, one);
  }
  const hosts = new Map<string, Host>();
  for (const tenant of tenants) {
    for (const [j, { name: own, vswitch, port, at }] of hostsOf(network, tenant).entries()) {
      const name = `${tenant}-${own}`;
      const asked = (tenant === 'red' ? asks : undefined) ?? [H2];
      const who = { address: addresses[j] ?? 0, asks: asked, answers: H1 };
      const self = { at: { vswitch, port }, ...who };
      const send = (frame: Frame): void => carry(name, places.where(name) ?? at, frame);
      const host = new Host(world, journal, tenant, self, send);
      hosts.set(name, host);
      places.put(name, host, at);
      const names = network.datapaths.map((one) => one.name);
      const more = hostMoves ? HostPlaces.ports(names, hosts.size - 1) : [];
      for (const end of [at, ...more]) {
        cables.set(end, `${name}@${end}`);
        receivers.set(`${name}@${end}`, (frame) => places.take(name, end, frame));
      }
    }
  }
  const switches = network.datapaths.map(({ name, lieMs }, i) => {
    const ports = portsOf(name, [...cables.keys()]);
    const send = (port: number, frame: Frame): void => {
      const to = cables.get(`${name}:${port}`) ?? ovsdbs?.otherEnd(i, port);
      if (to !== undefined) carry(`${name}:${port}`, to, frame);
    };
    const isOld = old === 'all' || (old === 'some' && world.random() < 0.5);
    const speaks = isOld ? version.of10 : version.of13;
    const own = { dpid: BigInt(i + 1), speaks, lieMs, ports, send };
    const made = new SimSwitch(world, { ...own, ...handing(journal.trace) });
    for (const port of new Set([...ports, ...portsOf(name, network.links.flat())])) {
      receivers.set(`${name}:${port}`, (frame) => made.take(port, frame));
    }
    return made;
  });
  return { hosts, switches, cuts };
}

/** Tells of the frames that the process is given and gives back, besides our own probes. */
function handing(trace: Trace | undefined): Pick<SwitchOptions, 'heard' | 'says'> {
  if (trace === undefined) return {};
  const tell = (data: Uint8Array, of: (id: number) => void): void => {
    const frame = data.length < FRAME_BYTES_MIN ? undefined : frameOf(data);
    if (frame !== undefined && !isProbe(frame)) of(frame.id);
  };
  return {
    says: (one) => one.type === 'packetIn' && tell(one.data, (id) => trace.handed(id)),
    heard: (one) => one.type === 'packetOut' && tell(one.data, (id) => trace.passedOn(id)),
  };
}

function portsOf(name: string, ends: readonly string[]): readonly number[] {
  return ends.filter((end) => end.startsWith(`${name}:`)).map((end) => Number(end.split(':')[1]));
}
