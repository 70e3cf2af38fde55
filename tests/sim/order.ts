/**
 * What a controller sees of a switch whose rules send packets up and on (cloning.md, N4), and what
 * it must not see.
 */

import { fieldOf, matchOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import {
  groupCommand,
  groupType,
  group as ofpg,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Instruction, Message } from '../../openflow/values/values.ts';
import { type Behaviour, output, rule } from './controllers.ts';
import { frameOf } from './frames.ts';
import type { Journal } from './hosts.ts';
import { ETHERTYPE } from './pipeline.ts';
import { type Options, run } from './scenario.ts';
import { ways } from './ways.ts';

const WATCHED_DPID = 3n;
const GROUP = 7;
const COOKIE = 0xfeedn;

const up = output(ofpp.controller);
const on = output(ofpp.flood);
const apply = (...actions: readonly Action[]): Instruction => ({ type: 'applyActions', actions });
const write = (...actions: readonly Action[]): Instruction => ({ type: 'writeActions', actions });
const goto = (table: number): Instruction => ({ type: 'gotoTable', table });

type Table = readonly Instruction[];

/** Rules that send every packet up and on, one for each table; `up` is where it goes up. */
const shapes = {
  'apply both': { tables: [[apply(up, on)]], up: 0 },
  'on, then up': { tables: [[apply(on, up)]], up: 0 },
  'up, and on by the action set': { tables: [[apply(up), write(on)]], up: 0 },
  'up, and on in the next table': { tables: [[apply(up), goto(1)], [apply(on)]], up: 0 },
  'on, and up in the next table': { tables: [[apply(on), goto(1)], [apply(up)]], up: 1 },
  'on is written, up in the next table': { tables: [[write(on), goto(1)], [apply(up)]], up: 1 },
  'both in a later table': { tables: [[goto(1)], [apply(up, on)]], up: 1 },
  'up in a later table, on after it': {
    tables: [[goto(1)], [apply(up), goto(2)], [apply(on)]],
    up: 1,
  },
  'a group with a bucket for each': { tables: [[apply({ type: 'group', groupId: GROUP })]], up: 0 },
} as const satisfies Record<string, { readonly tables: readonly Table[]; readonly up: number }>;

/** Those that one table, and OpenFlow 1.0, can have. */
export const shapes10 = ['apply both', 'on, then up'] as const satisfies (keyof typeof shapes)[];

/** A packet-in: which frame, and what was said of it. */
interface Seen {
  readonly id: number;
  readonly inPort: number;
  readonly cookie: bigint;
  readonly tableId: number;
  readonly reason: number;
}

/** Outer switches forward by destination; the one between them has the rules of a shape. */
function reporting(shape: keyof typeof shapes, seen: Seen[]): Behaviour {
  return (session, message) => {
    if (message.type === 'featuresReply') {
      for (const [address, port] of ways.get(session.dpid) ?? []) {
        const match = matchOf(oxm('eth_dst', BigInt(address)));
        session.send(rule(match, [output(port)], { priority: 10 }));
      }
      if (session.dpid === WATCHED_DPID) for (const one of watched(shape)) session.send(one);
    }
    if (message.type === 'packetIn' && session.dpid === WATCHED_DPID) seen.push(seenIn(message));
  };
}

function watched(shape: keyof typeof shapes): readonly Message[] {
  const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any };
  const buckets = [on, up].map((action) => ({ ...bucket, actions: [action] }));
  const group = {
    ...{ type: 'groupMod', xid: 0, command: groupCommand.add },
    ...{ groupType: groupType.all, groupId: GROUP, buckets },
  } as const satisfies Message;
  const { tables }: { tables: readonly Table[] } = shapes[shape];
  const match = matchOf(oxm('eth_type', ETHERTYPE));
  const rules = tables.map((instructions, tableId): FlowMod => {
    return rule(match, [], { priority: 10, cookie: COOKIE, tableId, instructions });
  });
  // It may be there already: the hypervisor was started again.
  const none: Message = { ...group, command: groupCommand.delete, buckets: [] };
  return shape.startsWith('a group') ? [none, group, ...rules] : rules;
}

function seenIn(message: Extract<Message, { type: 'packetIn' }>): Seen {
  const inPort = Number(oxmNumber(fieldOf(message.match, 'in_port') ?? oxm('in_port', 0)));
  const { cookie, tableId, reason } = message;
  return { id: frameOf(message.data).id, inPort, cookie, tableId, reason };
}

/** What no single switch could have shown: effects before causes, a packet twice, wrong words. */
function wrongIn(
  shape: keyof typeof shapes,
  seen: readonly Seen[],
  { sent }: Journal,
): readonly string[] {
  const wrong: string[] = [];
  const all = new Set(seen.map(({ id }) => id));
  const known = new Set<number>();
  for (const { id, inPort, cookie, tableId, reason } of seen) {
    const frame = sent[id];
    if (frame?.tenant !== 'red') wrong.push(`${id} is nobody's`);
    if (known.has(id)) wrong.push(`${id} went up twice`);
    known.add(id);
    const { cause } = frame ?? {};
    if (cause !== undefined && !known.has(cause)) {
      wrong.push(`${id} ${all.has(cause) ? 'before' : 'without'} its cause ${cause}`);
    }
    if (inPort !== (cause === undefined ? 1 : 2)) wrong.push(`${id} entered by ${inPort}`);
    if (cookie !== COOKIE || tableId !== shapes[shape].up || reason !== 1) {
      wrong.push(`${id}: cookie ${cookie}, table ${tableId}, reason ${reason}`);
    }
  }
  const silent = sent.flatMap((one, id) =>
    one.tenant === 'red' && one.arrivals > 0 && !known.has(id) ? [`${id} went on, not up`] : [],
  );
  return [...wrong, ...silent];
}

export type Shape = keyof typeof shapes;

export const allShapes = Object.keys(shapes) as Shape[];
/** For what the shape hardly matters to; make soak takes all. */
export const fewShapes: readonly Shape[] = ['apply both', 'up, and on in the next table'];
/** In which, without guards, every shape breaks: see the canary. */
export const seeds = [3, 7];

export function observe(shape: Shape, options: Options) {
  const seen: Seen[] = [];
  const result = run({ ...options, red: reporting(shape, seen) });
  const wrong = wrongIn(shape, seen, result.journal);
  return { result, seen, wrong };
}
