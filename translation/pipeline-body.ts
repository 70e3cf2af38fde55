/**
 * A body in the pipeline encoding: every message follows from the rule alone, so it keeps nothing.
 */
import { port as ofpp, oxmClass, table, version } from '../openflow/constants.ts';
import { fields } from '../openflow/fields.ts';
import { fieldOf, matchOf, oxm, oxmNumber, withField, withoutField } from '../openflow/match.ts';
import type { Action, Match, Message, OfError } from '../openflow/values.ts';
import type { GroupChange } from '../slices/groups-meters/groups.ts';
import type { DatapathName } from '../slices/ids.ts';
import { isFlat, type Placement, type Snapshot, type Vswitch } from '../slices/network/snapshot.ts';
import { leadKey } from '../slices/network/wires.ts';
import type { Rule } from '../slices/rules/rulebook.ts';
import type { Reverted } from '../slices/rules/rulebook-revert.ts';
import type { Body, Change, TakenBack } from './body.ts';
import { guardLook, passLook, stopLook } from './cache-eviction.ts';
import { pipelineEncoding } from './encoding.ts';
import { isLong, refuseLongFlow } from './fit.ts';
import { encodeGroup, type GroupScene } from './group-mod.ts';
import { changeMeter } from './meter-mod.ts';
import {
  addFlow,
  addGroup,
  deleteAll,
  deleteFlow,
  deleteGroup,
  modifyFlow,
  modifyGroup,
  type PhysicalFlow,
} from './physical-tables.ts';
import {
  atVport,
  cookieOf,
  inVswitch,
  resubmit,
  tables,
  VSWITCH_COOKIE_MASK,
  WHOLE_COOKIE_MASK,
} from './pipeline.ts';
import { port16 } from './reserved.ts';
import { refuseTagged, tagWays } from './tag-ways.ts';
import { sendAlong } from './ways.ts';

const priorities = { pass: 90, guard: 100, divert: 150, freeze: 200 } as const;

export class PipelineBody implements Body {
  readonly #snapshot: Snapshot;
  readonly #vswitch: Vswitch;
  readonly #scene: GroupScene;

  constructor(snapshot: Snapshot, vswitch: Vswitch, scene: GroupScene) {
    this.#snapshot = snapshot;
    this.#vswitch = vswitch;
    this.#scene = scene;
  }

  /** Groups are as long everywhere, and measured when they are asked for (group-mod.ts). */
  refuse(change: Change, snapshot: Snapshot): OfError | undefined {
    const ways = tagWays(snapshot, this.#vswitch, this.#scene.datapath);
    return refuseTagged(ways, this.#vswitch, change) ?? this.#refuseLong(change);
  }

  #refuseLong(change: Change): OfError | undefined {
    if (!('rule' in change) || change.type === 'remove') return undefined;
    if (!isLong(change.rule.instructions)) return undefined;
    for (const flow of pipelineEncoding.encode(this.#vswitch, change.rule)) {
      const error = refuseLongFlow(version.of13, flow);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  change(change: Change): readonly Message[] {
    if ('group' in change) return [this.#changeGroup(change)];
    if ('meter' in change) return changeMeter(change);
    const flows = pipelineEncoding.encode(this.#vswitch, change.rule);
    switch (change.type) {
      case 'add':
        return flows.map((flow) => addFlow(flow, change.resets));
      case 'modify':
        return flows.map((flow) => modifyFlow(flow, change.resets));
      case 'remove':
        return flows.map(deleteFlow);
    }
  }

  repair(change: Change, back: TakenBack): readonly Message[] {
    if ('rule' in change) return 'sent' in back ? this.#repairRule(change.rule, back) : [];
    if ('group' in change) {
      const group = 'group' in back ? back.group : undefined;
      if (group === undefined) return [deleteGroup(change.group.below)];
      return [this.#changeGroup({ type: 'modifyGroup', group, before: group })];
    }
    const meter = 'meter' in back ? back.meter : undefined;
    if (meter === undefined) return changeMeter({ type: 'removeMeter', meter: change.meter });
    return changeMeter({ type: 'modifyMeter', meter, before: meter });
  }

  /** What replaces an entry without a reset leaves it its counters. */
  #repairRule(rule: Rule, { sent, isOvertaken }: Reverted): readonly Message[] {
    if (isOvertaken) return [];
    if (sent === undefined) return pipelineEncoding.encode(this.#vswitch, rule).map(deleteFlow);
    return pipelineEncoding.encode(this.#vswitch, sent).map((flow) => addFlow(flow, false));
  }

  fill(rules: readonly Rule[]): readonly Message[] {
    const flows = rules.flatMap((rule) => pipelineEncoding.encode(this.#vswitch, rule));
    return flows.map((flow) => addFlow(flow));
  }

  empty(): readonly Message[] {
    return [deleteAll(table.all, cookieOf('rule', this.#vswitch.id, 0), VSWITCH_COOKIE_MASK)];
  }

  guard(matches: readonly Match[], { primary }: Placement): readonly Message[] {
    const { datapath } = this.#scene;
    const flows = guardFlows(this.#snapshot, this.#vswitch, datapath, matches, primary);
    return flows.map((flow) => addFlow(flow));
  }

  /** Every guard of the vswitch at once: they share a cookie. */
  unguard(forGood?: 'forGood'): readonly Message[] {
    const cookie = cookieOf('guard', this.#vswitch.id, 0);
    const mask = forGood === undefined ? WHOLE_COOKIE_MASK : VSWITCH_COOKIE_MASK;
    return [deleteAll(tables.guard, cookie, mask)];
  }

  freeze(): readonly Message[] {
    return [addFlow(freezeFlow(this.#vswitch))];
  }

  thaw(): readonly Message[] {
    return [deleteFlow(freezeFlow(this.#vswitch))];
  }

  /** A cookie tells what is diverted from everything else. */
  readonly mark = undefined;

  keepOut(): readonly Message[] {
    return [];
  }

  letIn(): readonly Message[] {
    return [];
  }

  divert(regions: readonly Match[]): readonly Message[] {
    return regions.map((region) => addFlow(divertFlow(this.#vswitch, region)));
  }

  /** As `unguard`. */
  undivert(): readonly Message[] {
    const cookie = cookieOf('divert', this.#vswitch.id, 0);
    return [deleteAll(tables.guard, cookie, VSWITCH_COOKIE_MASK)];
  }

  #changeGroup(change: GroupChange): Message {
    switch (change.type) {
      case 'addGroup':
        return addGroup(encodeGroup(this.#vswitch, change.group, this.#scene));
      case 'modifyGroup':
        return modifyGroup(encodeGroup(this.#vswitch, change.group, this.#scene));
      case 'removeGroup':
        return deleteGroup(change.group.below);
    }
  }
}

/** For each vport, what these matches may touch goes from `datapath` to the primary. */
export function guardFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
  matches: readonly Match[],
  primary: DatapathName,
): readonly PhysicalFlow[] {
  const flows: PhysicalFlow[] = [];
  for (const vport of vswitch.ports.keys()) {
    const key = leadKey(snapshot, vswitch, vport, primary);
    const actions = sendAlong(snapshot, key, datapath, primary);
    for (const region of matches) {
      const inPort = fieldOf(region, 'in_port');
      if (inPort !== undefined && Number(oxmNumber(inPort)) !== vport) continue;
      const rest = withoutField(region, oxmClass.basic, fields.in_port.field);
      flows.push({
        tableId: tables.guard,
        priority: priorities.guard,
        match: withField(rest, atVport(vswitch.id, vport)),
        instructions: [{ type: 'applyActions', actions: [guardLook(vswitch.id), ...actions] }],
        cookie: cookieOf('guard', vswitch.id, 0),
      });
    }
  }
  return flows;
}

/** What is to stand on a body when guards, diverts or a freeze go, before they do. */
export function passing(
  snapshot: Snapshot,
  vswitch: Vswitch,
  on: DatapathName,
): readonly Message[] {
  return isFlat(snapshot, on) ? [] : [addFlow(passFlow(vswitch))];
}

/**
 * Where something stood that led packets elsewhere: goes on in the same table, where it is not met
 * a second time. It is there for what it looks at, which the cached flows of before have not.
 */
function passFlow({ id }: Vswitch): PhysicalFlow {
  return {
    tableId: tables.guard,
    priority: priorities.pass,
    match: matchOf(inVswitch(id), oxm('reg12', 0)),
    instructions: [
      { type: 'applyActions', actions: [passLook(id), passed, resubmit(tables.guard)] },
    ],
    cookie: cookieOf('guard', id, PASS),
  };
}

/** The cookie's serial; that of guards is 0. */
const PASS = 1;
const passed: Action = { type: 'setField', oxm: oxm('reg12', 1) };

const toUs: Action = { type: 'output', port: ofpp.controller, maxLen: 0xffff };

function divertFlow(vswitch: Vswitch, region: Match): PhysicalFlow {
  const inPort = fieldOf(region, 'in_port');
  const where =
    inPort === undefined
      ? inVswitch(vswitch.id)
      : atVport(vswitch.id, port16(Number(oxmNumber(inPort))));
  return {
    tableId: tables.guard,
    priority: priorities.divert,
    match: withField(withoutField(region, oxmClass.basic, fields.in_port.field), where),
    instructions: [{ type: 'applyActions', actions: [stopLook, toUs] }],
    cookie: cookieOf('divert', vswitch.id, 0),
  };
}

export function freezeFlow(vswitch: Vswitch): PhysicalFlow {
  return {
    tableId: tables.guard,
    priority: priorities.freeze,
    match: [inVswitch(vswitch.id)],
    instructions: [{ type: 'applyActions', actions: [stopLook] }],
    cookie: cookieOf('freeze', vswitch.id, 0),
  };
}
