/**
 * The overrides of a vswitch's rules on one datapath while it migrates, as a value: guards that
 * lead packets to the primary body (DESIGN 5), entries that hold packets back while another body
 * becomes the primary (hypervisor/tenant/hand-over.ts), and the freeze of freeze-and-copy (LIME
 * 2.2).
 *
 * In the pipeline encoding they are entries of the table `guard`; in the flat one they stand above
 * the rules at every entrance (flat/guards.ts).
 */

import {
  fieldOf,
  matchOf,
  oxm,
  oxmNumber,
  withField,
  withoutField,
} from '../../openflow/match/match.ts';
import { port as ofpp, oxmClass } from '../../openflow/values/constants.ts';
import { fields } from '../../openflow/values/fields.ts';
import type { Action, Match } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { leadGoal } from '../../slices/network/wires.ts';
import type { Mark } from '../entries/body.ts';
import { guardMaskBit, passMaskBit, stopMaskBit } from '../entries/cache-eviction.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { atVport, cookieOf, inVswitch, resubmit, tables } from '../entries/pipeline.ts';
import { port16 } from '../entries/reserved.ts';
import { isLossProbe, type LossProbeSource, lossProbeFlow } from './loss-probe.ts';
import { sendAlong } from './ways.ts';

/** A rule of the tenant's first table: what meets it there. */
export interface LedRule {
  readonly serial: number;
  readonly priority: number;
  readonly match: Match;
}

export interface Overrides {
  /** Drops what enters. */
  readonly isFrozen: boolean;
  /** What these matches may touch comes up to us; we put it into the tables later. */
  readonly diverts: readonly Match[];
  /** The datapath of the body to which all other packets are led. */
  readonly leadsTo: DatapathName | undefined;
  /**
   * By which of these rules packets are led, from here or to here, is counted: so the difference of
   * the two is known of each (hypervisor/tenant/redirected-packets.ts).
   */
  readonly ledRules: readonly LedRule[];
  /** Whether those packets are dropped, and not led there. */
  readonly drops: boolean;
  /** Whether something has stood there that led packets elsewhere: see `passFlow`. */
  readonly passes: boolean;
  /**
   * On datapaths of OpenFlow 1.0: what could be taken for a diverted packet is dropped, before
   * anything is diverted and until nothing comes up any more (flat/packet-in-mark.ts).
   */
  readonly keepsOut: Mark | undefined;
  /** What a diverted packet bears there, from the first one on until `keepsOut` ends. */
  readonly mark: Mark | undefined;
  /** Loss probes come up where packets would be processed, and are led on as they are. */
  readonly probe: LossProbeSource | undefined;
}

export const noOverrides: Overrides = {
  isFrozen: false,
  diverts: [],
  leadsTo: undefined,
  ledRules: [],
  drops: false,
  passes: false,
  keepsOut: undefined,
  mark: undefined,
  probe: undefined,
};

const priorities = {
  ...{ pass: 90, guard: 100, divert: 150, probe: 160, probeLed: 170, freeze: 200 },
} as const;

/** In the pipeline encoding. */
export function overridingFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
  { isFrozen, diverts, leadsTo, ledRules, drops, passes, probe }: Overrides,
): readonly PhysicalFlow[] {
  const guards =
    leadsTo === undefined ? [] : guardFlows(snapshot, vswitch, datapath, leadsTo, drops);
  return [
    ...(passes ? [passFlow(vswitch)] : []),
    ...(ledRules.length === 0 ? guards : guards.map(countedByRule)),
    ...ledRules.map((rule) => ledRuleFlow(vswitch, rule)),
    ...diverts.map((region) => divertFlow(vswitch, region)),
    ...(probe === undefined ? [] : [lossProbeFlow(vswitch.id, probe, priorities.probe)]),
    ...(probe === undefined || leadsTo === undefined
      ? []
      : guardFlows(snapshot, vswitch, datapath, leadsTo, drops, probe)),
    ...(isFrozen ? [freezeFlow(vswitch)] : []),
  ];
}

/**
 * For each vport, what enters goes from `datapath` to the primary, or ends there; with `probe`, the
 * same of loss probes, which are counted by themselves.
 */
function guardFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
  primary: DatapathName,
  drops: boolean,
  probe?: LossProbeSource,
): readonly PhysicalFlow[] {
  const [kind, frames] =
    probe === undefined ? (['guard', []] as const) : (['lossProbe', isLossProbe(probe)] as const);
  return [...vswitch.ports.keys()].map((vport) => {
    const goal = leadGoal(snapshot, vswitch, vport, primary);
    const on = drops ? [] : sendAlong(snapshot, vswitch, goal, datapath);
    const actions = [guardMaskBit(vswitch.id), ...on];
    return {
      tableId: tables.guard,
      priority: probe === undefined ? priorities.guard : priorities.probeLed,
      match: matchOf(atVport(vswitch.id, vport), ...frames),
      instructions: [{ type: 'applyActions', actions }],
      cookie: cookieOf(kind, vswitch.id, 0),
    };
  });
}

/** The same, with a look at the rules on the way: which of them it would have met is counted. */
function countedByRule(guard: PhysicalFlow): PhysicalFlow {
  const instructions = guard.instructions.map((one) =>
    one.type === 'applyActions' ? { ...one, actions: [toLedRules, ...one.actions] } : one,
  );
  return { ...guard, instructions };
}

/** Nothing is done there: entries count, and what meets none of them comes back as well. */
export const toLedRules: Action = resubmit(tables.identity);

function ledRuleFlow({ id }: Vswitch, { serial, priority, match }: LedRule): PhysicalFlow {
  const cookie = cookieOf('ledRule', id, serial);
  return { tableId: tables.identity, priority, match, instructions: [], cookie };
}

/**
 * Where something stood that led packets elsewhere: goes on in the same table, where it is not met
 * a second time. It is there for what it looks at, which the cached flows of before have not.
 */
function passFlow({ id }: Vswitch): PhysicalFlow {
  const actions = [passMaskBit(id), passed, resubmit(tables.guard)];
  return {
    tableId: tables.guard,
    priority: priorities.pass,
    match: matchOf(inVswitch(id), oxm('reg12', 0)),
    instructions: [{ type: 'applyActions', actions }],
    cookie: cookieOf('guard', id, PASS),
  };
}

/** The cookie's serial; that of guards is 0. */
const PASS = 1;
const passed: Action = { type: 'setField', oxm: oxm('reg12', 1) };

const toUs: Action = { type: 'output', port: ofpp.controller, maxLen: 0xffff };

/** A cookie tells what is diverted from everything else. */
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
    instructions: [{ type: 'applyActions', actions: [stopMaskBit, toUs] }],
    cookie: cookieOf('divert', vswitch.id, 0),
  };
}

function freezeFlow({ id }: Vswitch): PhysicalFlow {
  return {
    tableId: tables.guard,
    priority: priorities.freeze,
    match: [inVswitch(id)],
    instructions: [{ type: 'applyActions', actions: [stopMaskBit] }],
    cookie: cookieOf('freeze', id, 0),
  };
}
