/**
 * After a connection: reads what the datapath holds, and changes only what is wrong.
 *
 * Our cookies tell our entries from others'. What is right stays untouched, so traffic goes on
 * (kill -9 of this process disturbs nobody). What is not ours would be a hole in the isolation:
 * it goes, and the operator is told how many entries that were.
 */

import { flowFlag, version } from '../../openflow/values/constants.ts';
import { errorName } from '../../openflow/values/errors.ts';
import type { Message, MultipartReplyBody } from '../../openflow/values/values.ts';
import { isFlat } from '../../slices/network/snapshot.ts';
import {
  everyFlow,
  type PhysicalFlow,
  tablesOf,
} from '../../translation/entries/physical-tables.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import type { Outcome, Refusal } from './acknowledgements.ts';
import { Corrections } from './corrections.ts';
import type { Datapath } from './datapath.ts';
import { type PartOf, type RefusedPart, refusedParts } from './entry-owners.ts';
import { bytesOn, flowsIn, flowsOf, streamEntries } from './entry-reader.ts';
import { readFeatures } from './features.ts';
import { FlatCorrections } from './flat-corrections.ts';
import { readStock } from './groups-meters.ts';
import type { Corrected } from './intent-corrections.ts';
import { Inventory, isOfClosed } from './inventory.ts';
import { sendPaced } from './paced-send.ts';
import type { Milestone, Reached } from './start-order.ts';
import { type ComparingContext, carriedOn, type HostedVswitch } from './tenants.ts';
import { emptying } from './unanswered-queries.ts';

export interface Reconciled {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Of those removed, the ones that were not ours. */
  readonly foreign: number;
}

export type ReconcileResult =
  | {
      readonly type: 'right';
      readonly what: Reconciled;
      /** What it refused of vswitches. */
      readonly refused: ReadonlyMap<HostedVswitch, readonly RefusedPart[]>;
    }
  | { readonly type: 'lost' }
  /** By what it says of itself; nothing was sent. */
  | { readonly type: 'unfit'; readonly why: string }
  | { readonly type: 'refused'; readonly refusals: readonly Refusal[] };

type Done = (result: ReconcileResult) => void;

/** What the datapath should hold is asked at the moment of comparing, so it is what it is then. */
export function reconcile(context: ComparingContext, datapath: Datapath, done: Done): void {
  readFeatures(context.snapshot(), datapath, (whyNot) => {
    if (whyNot !== undefined) done({ type: 'unfit', why: whyNot });
    else if (isFlat(context.snapshot(), datapath.name)) reconcileFlat(context, datapath, done);
    else reconcileRules(context, datapath, done);
  });
}

/** Rules are the same everywhere: each entry is compared as it is read, each rule as it is sent. */
function reconcileRules(context: ComparingContext, datapath: Datapath, done: Done): void {
  const { scheduler } = context;
  const held = new Inventory(context, datapath.name);
  const take = (part: MultipartReplyBody): void => {
    for (const row of flowsOf(part)) held.take(row);
  };
  const bytes = bytesOn(carriedOn(context, datapath.name), datapath.name);
  streamEntries(scheduler, datapath, { filter: everyFlow, bytes }, take, (isWhole) => {
    readStock(datapath, (stock) => {
      if (!isWhole || stock === undefined) {
        done({ type: 'lost' });
        return;
      }
      const corrections = new Corrections(context, datapath, held, stock);
      sendInOrder(context, datapath, corrections, held, done);
    });
  });
}

/** What corrections are, whatever the encoding. */
interface Corrective {
  readonly corrected: Corrected;
  messages(): Iterator<readonly Message[] | Reached, undefined>;
  partAt(index: number): PartOf | undefined;
}

/** Other datapaths are waited for where the order of a start asks for it. */
function sendInOrder(
  context: ComparingContext,
  datapath: Datapath,
  corrections: Corrective,
  { foreign }: { readonly foreign: number },
  done: Done,
): void {
  const empty = emptying(datapath.version, (kind) => datapath.isSilent(kind));
  const messages = corrections.messages();
  let hasBegun = empty.length === 0;
  let awaited: Milestone | undefined;
  const next = () => {
    if (!hasBegun) {
      hasBegun = true;
      return empty;
    }
    const { value } = messages.next();
    if (value === undefined || !('milestone' in value)) return value;
    reach(context, datapath, value);
    if (value.isOrdered && !datapath.wasReady) awaited = value.milestone;
    return [];
  };
  const mayGo = () => {
    if (awaited !== undefined && context.startOrder.isPast(awaited)) awaited = undefined;
    return awaited === undefined;
  };
  const sent = (outcome: Outcome): void => {
    const counts = { ...corrections.corrected, foreign };
    done(resultOf(outcome, counts, (index) => corrections.partAt(index - empty.length)));
  };
  sendPaced(context.scheduler, datapath, 'comparison', next, 'full', sent, mayGo);
}

/** All that it was sent is acknowledged when it has reached that. */
function reach({ startOrder }: ComparingContext, datapath: Datapath, reached: Reached): void {
  const { name, writer, wasReady } = datapath;
  if (wasReady) return;
  writer.send('comparison', [], reached.changes === true ? 'full' : 'barrier', ({ type }) => {
    if (type === 'acked') startOrder.reached(name, reached.milestone);
  });
}

/** What it should hold depends on where vswitches live, and is compared as a whole. */
function reconcileFlat(context: ComparingContext, datapath: Datapath, done: Done): void {
  datapath.query({ kind: 'flow', filter: everyFlow }, (parts) => {
    readStock(datapath, (stock) => {
      if (parts === undefined || stock === undefined) {
        done({ type: 'lost' });
        return;
      }
      const said = flowsIn(parts).filter((flow) => !isOfClosed(context, readCookie(flow.cookie)));
      const flows = datapath.version === version.of10 ? said.map(reporting) : said;
      const have = tablesOf(flows, stock.groups, stock.meters);
      const foreign = flows.filter((flow) => readCookie(flow.cookie) === undefined).length;
      const corrections = new FlatCorrections(context, datapath, have);
      sendInOrder(context, datapath, corrections, { foreign }, done);
    });
  });
}

function resultOf(
  outcome: Outcome,
  what: Reconciled,
  whose: (index: number) => PartOf | undefined,
): ReconcileResult {
  if (outcome.type === 'lost') return { type: 'lost' };
  const { refusals } = outcome;
  const refused = refusedParts(refusals, whose);
  return refused === undefined ? { type: 'refused', refusals } : { type: 'right', what, refused };
}

/** What the pipeline encoding asks of a datapath (DESIGN 2). */
const NEEDS =
  'it needs OpenFlow 1.3 with groups, metadata, and resubmit and encap of Open vSwitch 2.8; ' +
  'without them write "encoding: flat" at the datapath';

/** Why a datapath cannot be used, in words. */
export function whyUnfit(refusals: readonly Refusal[]): string {
  const { errorType, errorCode } = refusals[0] ?? { errorType: 0, errorCode: 0 };
  const first = errorName(errorType, errorCode);
  return `it refused ${refusals.length} entries, the first with ${first}; ${NEEDS}`;
}

/** OpenFlow 1.0 does not say which entries report that they go: all of tenants' rules do. */
function reporting(flow: PhysicalFlow): PhysicalFlow {
  const kind = readCookie(flow.cookie)?.kind;
  const flags = kind === 'rule' || kind === 'tagged' ? flowFlag.sendFlowRem : 0;
  return { ...flow, flags };
}
