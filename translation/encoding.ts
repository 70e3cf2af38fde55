/**
 * How a tenant's rule becomes entries of a datapath: the pipeline encoding (DESIGN 3).
 *
 * One rule is one entry, the same bytes on every datapath. The flat encoding, for datapaths with
 * one table, is a second implementation of `Encoding` and does not exist yet.
 */
import { flowFlag, port as ofpp, oxmClass } from '../openflow/constants.ts';
import { fieldOf, oxmNumber, withField, withoutField } from '../openflow/match.ts';
import type { Action, Instruction, Match } from '../openflow/values.ts';
import type { Rule } from '../slices/rulebook.ts';
import { actionsOf } from '../slices/rulebook.ts';
import type { Vswitch } from '../slices/snapshot.ts';
import type { PhysicalFlow } from './physical.ts';
import { atVport, cookieOf, egressCode, inVswitch, resubmit, tables } from './pipeline.ts';
import { port16 } from './reserved.ts';
import { toVport } from './wiring.ts';

/** Whether a vswitch has one body, or several that must not let events overtake each other. */
export type Mode = 'single' | 'cloned';

export interface Encoding {
  encode(vswitch: Vswitch, rule: Rule, mode: Mode): readonly PhysicalFlow[];
}

/** OFPCML_NO_BUFFER: whole packets always; buffers would belong to a datapath (cloning.md, 3). */
const WHOLE_PACKET = 0xffff;
/** The basic class's number of in_port (OF1.3.5 section 7.2.3.7). */
const IN_PORT_FIELD = 0;

export const pipelineEncoding: Encoding = {
  encode(vswitch, rule, mode) {
    const actions = serialize(rule, mode)?.up ?? actionsOf(rule.instructions);
    const encoded = actions.flatMap(encodeAction);
    return [
      {
        tableId: tables.tenant,
        priority: rule.priority,
        match: encodeMatch(vswitch, rule.match),
        instructions: encoded.length === 0 ? [] : [applying(encoded)],
        cookie: cookieOf('rule', vswitch.id, rule.serial),
        flags: rule.flags & flowFlag.sendFlowRem,
      },
    ];
  },
};

/** A rule's actions in two parts: first the packet goes up, later it is sent on. */
export interface Serialized {
  readonly up: readonly Action[];
  readonly onward: readonly Action[];
}

/**
 * What a rule does while there are several bodies, if it both sends to the controller and
 * forwards: an answer to the forwarded packet could overtake its packet-in (LIME 4.1, case N4).
 * So the packet goes up, and is sent on after the packet-in went up (hypervisor/packet-ins.ts).
 *
 * Undefined for other rules, and for the odd ones that go up twice, or that forward a packet, then
 * change it, then send it up: what was forwarded could not be made from what went up.
 */
export function serialize(rule: Rule, mode: Mode): Serialized | undefined {
  if (mode === 'single') return undefined;
  const actions = actionsOf(rule.instructions);
  const at = actions.findIndex(isUp);
  if (at < 0 || actions.filter(isUp).length > 1) return undefined;
  const before = actions.slice(0, at);
  const after = actions.slice(at + 1);
  const forwarded = before.filter((action) => action.type === 'output');
  const changes = before.filter((action) => action.type !== 'output');
  if (forwarded.length > 0 && changes.length > 0) return undefined;
  const onward = [...forwarded, ...after];
  if (!onward.some((action) => action.type === 'output')) return undefined;
  return { up: [...changes, toController], onward };
}

function isUp(action: Action): boolean {
  return action.type === 'output' && action.port === ofpp.controller;
}

/** The tenant's match, in its vswitch: in_port becomes the vport in metadata. */
export function encodeMatch(vswitch: Vswitch, match: Match): Match {
  const inPort = fieldOf(match, 'in_port');
  if (inPort === undefined) return withField(match, inVswitch(vswitch.id));
  const rest = withoutField(match, oxmClass.basic, IN_PORT_FIELD);
  return withField(rest, atVport(vswitch.id, port16(Number(oxmNumber(inPort)))));
}

/** A tenant's action below. Ports are named in reg0; everything else is the packet's affair. */
export function encodeAction(action: Action): readonly Action[] {
  if (action.type !== 'output') return [action];
  switch (action.port) {
    case ofpp.controller:
      return [toController];
    case ofpp.flood:
      return toVport(egressCode.flood);
    case ofpp.all:
      return toVport(egressCode.all);
    case ofpp.inPort:
      return toVport(egressCode.inPort);
    case ofpp.table:
      return [resubmit(tables.guard)];
    default:
      return toVport(port16(action.port));
  }
}

const toController: Action = { type: 'output', port: ofpp.controller, maxLen: WHOLE_PACKET };

function applying(actions: readonly Action[]): Instruction {
  return { type: 'applyActions', actions };
}
