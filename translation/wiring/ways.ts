/**
 * The ways of frames from one datapath to another (docs/DESIGN.md section 3).
 *
 *   a sender      reg5 = which way --> table `ways`: wraps the frame, sends it to the first hop
 *   on the way    classifier: (link's port, label) --> the next link
 *   the end       classifier: (link's port, label) --> unwraps it: it enters a vswitch, or leaves
 *
 * A frame travels whole, inside a network service header and a frame of ours. Taking those off
 * makes Open vSwitch look at it anew, so it cannot meet what was cached for a frame that looks
 * alike from outside. Flat datapaths know nothing but a VLAN tag, so a way that crosses one has a
 * tag, another on each hop (hop-tags.ts), and only frames without a tag of their own can take it.
 */
import { matchOf, oxm, withField } from '../../openflow/match/match.ts';
import { port as ofpp, packetType, vlan } from '../../openflow/values/constants.ts';
import type { Action, Instruction, Match, Oxm } from '../../openflow/values/values.ts';
import type { DatapathName, Port, Tag, VswitchName } from '../../slices/ids.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import type { Hop } from '../../slices/network/routes.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { type Carriage, type Wire, wayFrom } from '../../slices/network/wires.ts';
import { pushVlan, setTag, tagOxm, tagTypes } from '../entries/frame-tags.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf, forgetIngress, resubmit, tables } from '../entries/pipeline.ts';
import { labelShown, outerAddresses, placeShown } from './labels.ts';
import { placesOf, tagQueue } from './queues.ts';

const NSH = 0x894f;
const priorities = { way: 100, queue: 110, stacked: 120 } as const;

/** A way's number: a label, which its frames have; they have other tags on each hop. */
interface WayName {
  readonly carriage: Carriage;
  readonly number: number;
}

/** As an entry of a way names it. */
interface NamedWay extends WayName {
  readonly cookie: bigint;
}

/** In reg5, and in the cookies of a way's entries; labels end below it. */
const TAGGED = 0x8000_0000;

export function codeOf({ carriage, number }: WayName): number {
  return carriage === 'tag' ? TAGGED + number : number;
}

/** What a way is called by those that send over it. */
export function wayName(
  snapshot: Snapshot,
  { key, carriage }: Pick<Wire, 'key' | 'carriage'>,
): WayName | undefined {
  const numbers = carriage === 'tag' ? snapshot.taggedWays : snapshot.labels;
  const number = numbers.byKey.get(key);
  return number === undefined ? undefined : { carriage, number };
}

/** The same, and what its entries have. */
export function namedWay(snapshot: Snapshot, wire: Wire): NamedWay | undefined {
  const name = wayName(snapshot, wire);
  const id = snapshot.vswitches.get(wire.of.device as VswitchName)?.id ?? 0;
  return name && { ...name, cookie: cookieOf('way', id, codeOf(name)) };
}

/** Sends a frame along the way to a goal at a vswitch's port: for buckets and rules alike. */
export function sendAlong(
  snapshot: Snapshot,
  vswitch: Vswitch,
  goal: string,
  from: DatapathName,
): readonly Action[] {
  const way = wayFrom(snapshot, vswitch, goal, from);
  const name = way && wayName(snapshot, way);
  if (name === undefined) {
    throw new Error(`no way from ${from} to ${goal}: the snapshot is incomplete`);
  }
  return alongWay(name);
}

/** The actions that send a frame along a way. */
export function alongWay(name: WayName): readonly Action[] {
  return [{ type: 'setField', oxm: oxm('reg5', codeOf(name)) }, resubmit(tables.ways)];
}

/** The part of table `ways` that sends from `datapath`. */
export function wayStartFlows(
  snapshot: Snapshot,
  wire: Wire,
  datapath: DatapathName,
): readonly PhysicalFlow[] {
  const { from, hops, carriage, role } = wire;
  const hop = hops?.[0];
  if (from !== datapath || role === 'spare' || hop === undefined) return [];
  const name = namedWay(snapshot, wire);
  if (name === undefined) return [];
  const isQueued = wire.end.type === 'deliver' && wire.end.queues.size > 0;
  return carriage === 'tag'
    ? [...taggedFlows(snapshot, wire.key, name, hop, isQueued), ...stackedFlows(name)]
    : labelledFlows(name, hop.port, wire);
}

/** Frames without a tag only: what has one would lose it, or meet rules for what has none. */
function taggedFlows(
  snapshot: Snapshot,
  key: string,
  name: NamedWay,
  hop: Hop,
  isQueued: boolean,
): readonly PhysicalFlow[] {
  const tag = tagAt(snapshot, key, hop);
  if (tag === undefined) return [];
  const match = matchOf(oxm('reg5', codeOf(name)), oxm('vlan_vid', vlan.none));
  const actions: readonly Action[] = [
    forgetIngress,
    pushVlan,
    setTag(tag),
    ...(isQueued ? [tagQueue] : []),
    output(hop.port),
  ];
  return [senderFlow(name, priorities.way, match, actions)];
}

/** The tag that a datapath on the way gives its frames, unless they have it from the last hop. */
export function retagging(snapshot: Snapshot, key: string, came: Hop, next: Hop): readonly Tag[] {
  const tag = tagAt(snapshot, key, next);
  return tag === undefined || tag === tagAt(snapshot, key, came) ? [] : [tag];
}

/**
 * A frame that a rule has taken one of two tags off: Open vSwitch, which looks at one (vlan-limit),
 * then sees none, and the ethertype of the second.
 */
function stackedFlows(name: NamedWay): readonly PhysicalFlow[] {
  const match = matchOf(oxm('reg5', codeOf(name)));
  return tagTypes.map((type) =>
    senderFlow(name, priorities.stacked, withField(match, oxm('eth_type', type)), []),
  );
}

/** One for each queue of the port where the way ends, and one for none. */
function labelledFlows(name: NamedWay, port: Port, { end }: Wire): readonly PhysicalFlow[] {
  const match = matchOf(oxm('reg5', codeOf(name)));
  const plain = senderFlow(name, priorities.way, match, wrapped(name, 0, port));
  if (end.type !== 'deliver') return [plain];
  return [
    plain,
    ...placesOf(end.queues).map(({ place, wants }) =>
      senderFlow(name, priorities.queue, withField(match, wants), wrapped(name, place, port)),
    ),
  ];
}

/**
 * Wraps a copy: other outputs send the frame as it was. Of the header nothing is written: Open
 * vSwitch would delete what it has cached for it whenever any rule changes (labels.ts).
 */
function wrapped({ number }: WayName, place: number, port: Port): readonly Action[] {
  const actions: readonly Action[] = [
    forgetIngress,
    { type: 'encap', packetType: packetType.nsh, mdType: 2 },
    { type: 'encap', packetType: packetType.ethernet },
    ...outerAddresses(number, place),
    output(port),
  ];
  return [{ type: 'clone', actions }];
}

function senderFlow(
  { cookie }: NamedWay,
  priority: number,
  match: Match,
  actions: readonly Action[],
): PhysicalFlow {
  const instructions = actions.length === 0 ? [] : apply(actions);
  return { tableId: tables.ways, priority, match, instructions, cookie };
}

/** A way's end: what is done there to a frame that `first` has unwrapped. */
export interface WayEnd {
  /** Of the frames that came like this. */
  readonly instructions: (first: readonly Action[], carriage: Carriage) => readonly Instruction[];
  /** For the queues of the port where they leave: what such frames have, and what comes first. */
  readonly queues: readonly { readonly place: number; readonly first: Action }[];
  /** Another than that of a way's entries. */
  readonly cookie: bigint | undefined;
}

/** The entries of a way on a datapath where its frames come in: pass them on, or end it. */
export function arrivalFlows(
  snapshot: Snapshot,
  wire: Wire,
  datapath: DatapathName,
  end: WayEnd,
): readonly PhysicalFlow[] {
  const flows: PhysicalFlow[] = [];
  const { hops = [], carriage } = wire;
  const isThere = hops.some((hop) => hop.to === datapath);
  const name = isThere ? namedWay(snapshot, wire) : undefined;
  if (name === undefined) return flows;
  for (const [i, hop] of hops.entries()) {
    const named = hop.to === datapath ? onFrames(snapshot, wire.key, name, hop) : undefined;
    if (named === undefined) continue;
    const next = hops[i + 1];
    if (next === undefined) {
      flows.push(...endFlows(named, name, end));
      continue;
    }
    const tags = carriage === 'tag' ? retagging(snapshot, wire.key, hop, next) : [];
    const swap = tags.map(setTag);
    flows.push(arrivalFlow(named, name, apply([...swap, passOn(next, hop)])));
  }
  return flows;
}

function endFlows(named: Match, name: NamedWay, end: WayEnd): readonly PhysicalFlow[] {
  const { carriage } = name;
  const first = unwrap(carriage);
  const ending = arrivalFlow(named, name, end.instructions(first, carriage));
  const queued = end.queues.map(({ place, first: choose }) => {
    const flow = arrivalFlow(named, name, end.instructions([...first, choose], carriage));
    const match = withField(flow.match, placeIs(carriage, place));
    return { ...flow, priority: priorities.queue, match };
  });
  return [end.cookie === undefined ? ending : { ...ending, cookie: end.cookie }, ...queued];
}

function unwrap(carriage: Carriage): readonly Action[] {
  if (carriage === 'tag') return [{ type: 'popVlan' }];
  const decap: Action = { type: 'decap', packetType: packetType.useNextProtocol };
  return [decap, decap];
}

function placeIs(carriage: Carriage, place: number): Oxm {
  return carriage === 'tag' ? oxm('vlan_pcp', place) : placeShown(place);
}

/** What a way's frames are like when they arrive by this hop. */
function onFrames(snapshot: Snapshot, key: string, name: WayName, hop: Hop): Match | undefined {
  const inPort = oxm('in_port', hop.toPort);
  if (name.carriage === 'label') {
    return matchOf(inPort, oxm('eth_type', NSH), labelShown(name.number));
  }
  const tag = tagAt(snapshot, key, hop);
  return tag === undefined ? undefined : matchOf(inPort, tagOxm(tag));
}

function arrivalFlow(
  match: Match,
  name: NamedWay,
  instructions: readonly Instruction[],
): PhysicalFlow {
  return {
    tableId: tables.classifier,
    priority: priorities.way,
    match,
    instructions,
    cookie: name.cookie,
  };
}

/** Back to where it came from, too: a datapath may send to itself by a neighbour. */
function passOn(next: Hop, came: Hop): Action {
  return output(next.port === came.toPort ? ofpp.inPort : next.port);
}

function apply(actions: readonly Action[]): readonly Instruction[] {
  return [{ type: 'applyActions', actions }];
}

function output(port: number): Action {
  return { type: 'output', port, maxLen: 0xffff };
}
