/**
 * A switch as a list of entries: flow-mods change it, a frame walks through it. No cleverness.
 *
 * It knows the fields and actions that our wiring uses and throws on any other. A frame is its
 * VLAN ids, outermost first, and the path that it is on when it is wrapped; what it carries does
 * not matter.
 */

import { matchKey, oxmNumber } from '../../openflow/match/match.ts';
import {
  flowCommand,
  groupCommand,
  port as ofpp,
  packetType,
  vlan,
} from '../../openflow/values/constants.ts';
import { fieldByNumber, fields, headerOf } from '../../openflow/values/fields.ts';
import type { Action, FlowMod, Message, Oxm } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import {
  indirect,
  type PhysicalFlow,
  type Tables,
  tablesOf,
} from '../../translation/entries/physical-tables.ts';
import { ByTable } from '../support/by-table.ts';

export interface DumbFrame {
  readonly tags: readonly number[];
  /** Of the network service header that it is wrapped in. */
  readonly path?: bigint | undefined;
}

type Move = Extract<Action, { type: 'move' }>;

export interface Out extends DumbFrame {
  readonly port: number;
}

interface Context {
  inPort: number;
  tags: readonly number[];
  path?: bigint | undefined;
  metadata: bigint;
  reg0: bigint;
  reg2: bigint;
  reg5: bigint;
  reg12: bigint;
  reg14: bigint;
  reg15: bigint;
  /** How often it was taken up anew. */
  anew: number;
  /** Whether what it was wrapped in was put on here. */
  isWrappedHere?: boolean;
}

export class DumbSwitch {
  flows: PhysicalFlow[];
  readonly groups: Map<number, readonly Action[]>;
  readonly #byTable = new ByTable<PhysicalFlow>();

  constructor(tables?: Tables) {
    this.flows = [...(tables?.flows.values() ?? [])];
    const groups = [...(tables?.groups.values() ?? [])];
    this.groups = new Map(groups.map((group) => [group.groupId, group.buckets[0]?.actions ?? []]));
  }

  tables(): Tables {
    const groups = [...this.groups].map(([groupId, actions]) => indirect(groupId, actions));
    return tablesOf(this.flows, groups);
  }

  apply(message: Message): void {
    if (message.type === 'flowMod') this.#changeFlows(message);
    else if (message.type === 'groupMod') {
      const exists = this.groups.has(message.groupId);
      if (message.command === groupCommand.delete) {
        this.groups.delete(message.groupId);
        return;
      }
      if (exists !== (message.command === groupCommand.modify)) throw new Error('group exists?');
      this.groups.set(message.groupId, message.buckets[0]?.actions ?? []);
    } else throw new Error(`a switch is not changed by ${message.type}`);
  }

  #changeFlows(mod: FlowMod): void {
    const key = matchKey(mod.match);
    const old = this.flows.find(
      (flow) =>
        flow.tableId === mod.tableId && flow.priority === mod.priority && keyOf(flow) === key,
    );
    const others = old === undefined ? this.flows : this.flows.filter((flow) => flow !== old);
    const { tableId, priority, match, instructions, cookie, flags } = mod;
    for (const action of instructions.flatMap((i) =>
      i.type === 'applyActions' ? i.actions : [],
    )) {
      if (action.type !== 'group' || this.groups.has(action.groupId)) continue;
      throw new Error(`group ${action.groupId} does not exist`); // OFPBAC_BAD_OUT_GROUP
    }
    switch (mod.command) {
      case flowCommand.add:
        this.flows = [...others, { tableId, priority, match, instructions, cookie, flags }];
        break;
      case flowCommand.modifyStrict:
        this.flows = old === undefined ? others : [...others, { ...old, instructions }];
        break;
      case flowCommand.deleteStrict:
        this.flows = others;
        break;
      default:
        throw new Error(`command ${mod.command}`);
    }
  }

  /** What leaves when a frame comes in. */
  receive(inPort: number, frame: DumbFrame): readonly Out[] {
    const outs: Out[] = [];
    const registers = {
      metadata: 0n,
      reg0: 0n,
      reg2: 0n,
      reg5: 0n,
      reg12: 0n,
      reg14: 0n,
      reg15: 0n,
      anew: 0,
    };
    this.#lookUp(0, { inPort, ...frame, ...registers }, outs, 0);
    return outs;
  }

  #lookUp(table: number, context: Context, outs: Out[], depth: number): void {
    if (depth > 20) throw new Error('one pass is too deep');
    const flow = this.#find(table, context);
    for (const one of flow?.instructions ?? []) {
      if (one.type === 'applyActions') this.#act(one.actions, context, outs, depth);
      else if (one.type === 'writeMetadata') {
        context.metadata = (context.metadata & ~one.mask) | (one.metadata & one.mask);
      } else if (one.type === 'gotoTable') this.#lookUp(one.table, context, outs, depth + 1);
      // It lets everything pass: here frames are few (recirculation.ts).
      else if (one.type !== 'meter') throw new Error(one.type);
    }
  }

  /** The first of those with the highest priority. */
  #find(table: number, context: Context): PhysicalFlow | undefined {
    return this.#byTable
      .sorted(this.flows, table)
      .find(({ match }) => match.every((field) => has(context, field)));
  }

  #act(actions: readonly Action[], context: Context, outs: Out[], depth: number): void {
    const { anew } = context;
    for (const action of actions) {
      switch (action.type) {
        case 'output':
          // OF1.3.5 section 7.2.5.1: never back by the ingress port, unless IN_PORT is said.
          if (action.port === ofpp.inPort) outs.push(outOf(context.inPort, context));
          else if (action.port !== context.inPort) outs.push(outOf(action.port, context));
          break;
        case 'group': {
          const bucket = this.groups.get(action.groupId);
          if (bucket === undefined) throw new Error(`group ${action.groupId} does not exist`);
          this.#act(bucket, { ...context }, outs, depth + 1);
          break;
        }
        case 'resubmit':
          this.#lookUp(action.table, context, outs, context.anew > anew ? 0 : depth + 1);
          break;
        case 'pushVlan':
          context.tags = [0, ...context.tags];
          break;
        case 'popVlan':
          context.tags = context.tags.slice(1);
          break;
        case 'clone':
          this.#act(action.actions, { ...context }, outs, depth);
          break;
        case 'encap':
          if (action.packetType === packetType.nsh) context.path = 0n;
          context.isWrappedHere = true;
          break;
        // Two in a row, for the frame around the header and for the header.
        case 'decap':
          if (context.isWrappedHere) {
            context.anew += 1;
            context.isWrappedHere = false;
          }
          if (context.anew > limits.recirculationsMax) throw new Error('taken up anew too often');
          context.path = undefined;
          break;
        // Some bits of the addresses of the frame around it; what is around that is made for it.
        case 'load':
          if (action.field === NXM_ETH_DST) context.path = loaded(context.path, action);
          break;
        case 'setField':
          setField(context, action.oxm);
          break;
        case 'move':
          move(context, action);
          break;
        default:
          throw new Error(action.type);
      }
    }
  }
}

/** A VLAN of a register becomes the tag's; a look (cache-eviction.ts) is to where nobody reads. */
function move(context: Context, { from, fromBit = 0, to, bits }: Move): void {
  if (to === headerOf(fields.vlan_vid)) {
    if (
      from !== headerOf(fields.reg14) ||
      fromBit !== 0 ||
      bits !== 12 ||
      context.tags.length === 0
    )
      throw new Error(`${bits} bits of ${from} from ${fromBit} into a tag`);
    context.tags = [Number(context.reg14) & 0xfff, ...context.tags.slice(1)];
  } else if (to !== headerOf(fields.reg13) || bits !== 1) {
    throw new Error(`${bits} bits of ${from} to ${to}`);
  }
}

/** NXM_OF_ETH_DST. */
const NXM_ETH_DST = 0x0206;

function loaded(before = 0n, { firstBit, value }: Extract<Action, { type: 'load' }>): bigint {
  return before | (value << BigInt(firstBit));
}

function outOf(port: number, { tags, path }: Context): Out {
  return path === undefined ? { port, tags } : { port, tags, path };
}

function setField(context: Context, oxm: Oxm): void {
  const number = oxmNumber(oxm);
  const name = fieldByNumber(oxm.oxmClass, oxm.field)?.name;
  if (name === 'nxm_in_port') context.inPort = Number(number);
  else if (name === 'reg0') context.reg0 = number;
  else if (name === 'reg2') context.reg2 = number;
  else if (name === 'reg5') context.reg5 = number;
  else if (name === 'reg12') context.reg12 = number;
  else if (name === 'reg14') context.reg14 = number;
  else if (name === 'reg15') context.reg15 = number;
  else if (name === 'metadata') context.metadata = number;
  else if (name === 'vlan_vid') context.tags = [Number(number) & 0xfff, ...context.tags.slice(1)];
  // Tenants' registers: the wiring only makes them nothing, and looks at none.
  else if (!isTenants(name) || number !== 0n) throw new Error(`set ${name}`);
}

function isTenants(name: string | undefined): boolean {
  return name !== undefined && ['reg6', 'reg7', 'reg10', 'reg11'].includes(name);
}

/** What a frame has in each field that the wiring looks at. */
const readers: Readonly<Record<string, (context: Context) => bigint>> = {
  in_port: ({ inPort }) => BigInt(inPort),
  metadata: ({ metadata }) => metadata,
  reg0: ({ reg0 }) => reg0,
  reg2: ({ reg2 }) => reg2,
  reg5: ({ reg5 }) => reg5,
  reg12: ({ reg12 }) => reg12,
  reg15: ({ reg15 }) => reg15,
  eth_type: ({ path }) => (path === undefined ? 0x800n : 0x894fn),
  eth_dst: ({ path = 0n }) => path,
  vlan_vid: ({ path, tags: [tag] }) =>
    path !== undefined || tag === undefined ? 0n : BigInt(vlan.present + tag),
};

interface Look {
  readonly read: (context: Context) => bigint;
  readonly mask: bigint;
  readonly value: bigint;
}

const looks = new WeakMap<Oxm, Look>();
const keys = new WeakMap<PhysicalFlow, string>();

/** A field is read once from its bytes, and looked at for every frame. */
function lookOf(oxm: Oxm): Look {
  const known = looks.get(oxm);
  if (known !== undefined) return known;
  const read = readers[fieldByNumber(oxm.oxmClass, oxm.field)?.name ?? ''];
  if (read === undefined) throw new Error(`a match of ${oxm.oxmClass}:${oxm.field}`);
  const mask = oxm.mask === undefined ? -1n : oxmNumber({ ...oxm, value: oxm.mask });
  const look = { read, mask, value: oxmNumber(oxm) };
  looks.set(oxm, look);
  return look;
}

function has(context: Context, oxm: Oxm): boolean {
  const { read, mask, value } = lookOf(oxm);
  return (read(context) & mask) === value;
}

/** Of its match: made once. */
function keyOf(flow: PhysicalFlow): string {
  const known = keys.get(flow) ?? matchKey(flow.match);
  keys.set(flow, known);
  return known;
}

export const controllerPort = ofpp.controller;
