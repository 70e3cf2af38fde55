/**
 * After a connection: reads what the datapath holds, and changes only what is wrong.
 *
 * Our cookies tell our entries from others'. What is right stays untouched, so traffic goes on
 * (kill -9 of this process disturbs nobody). What is not ours would be a hole in the isolation:
 * it goes, and the operator is told how many entries that were.
 */
import { flowFlag, meter as ofpm, version } from '../openflow/constants.ts';
import { errorName } from '../openflow/errors.ts';
import type { MultipartReplyBody } from '../openflow/values.ts';
import { noMeters } from '../translation/meter-mod.ts';
import {
  difference,
  everyFlow,
  type PhysicalFlow,
  type PhysicalGroup,
  type PhysicalMeter,
  type Tables,
  tablesOf,
} from '../translation/physical.ts';
import { readCookie } from '../translation/pipeline.ts';
import type { Refusal } from './acks.ts';
import type { Datapath } from './datapath.ts';

export interface Reconciled {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Of those removed, the ones that were not ours. */
  readonly foreign: number;
}

export type ReconcileResult =
  | { readonly type: 'right'; readonly what: Reconciled }
  | { readonly type: 'lost' }
  | { readonly type: 'refused'; readonly refusals: readonly Refusal[] };

/** `want` is asked for at the moment of comparing, so it is what the datapath should hold then. */
export function reconcile(
  datapath: Datapath,
  want: () => Tables,
  done: (result: ReconcileResult) => void,
): void {
  readTables(datapath, (have) => {
    if (have === undefined) {
      done({ type: 'lost' });
      return;
    }
    const parts = difference(have, want());
    const foreign = [...have.flows.values()].filter((f) => readCookie(f.cookie) === undefined);
    const messages = [...parts.make, ...parts.change, ...parts.break];
    datapath.apply(messages, 'full', (outcome) => {
      if (outcome.type === 'lost') done({ type: 'lost' });
      else if (outcome.refusals.length > 0) done({ type: 'refused', refusals: outcome.refusals });
      else {
        const [added, changed, removed] = [parts.make, parts.change, parts.break].map(
          (p) => p.length,
        );
        done({
          type: 'right',
          what: {
            added: added ?? 0,
            changed: changed ?? 0,
            removed: removed ?? 0,
            foreign: foreign.length,
          },
        });
      }
    });
  });
}

/** What the pipeline encoding asks of a datapath (DESIGN 3). */
const NEEDS =
  'it needs OpenFlow 1.3 with groups, metadata and the resubmit of Open vSwitch; ' +
  'without them write "encoding: flat" at the datapath';

/** Why a datapath cannot be used, in words. */
export function whyUnfit(refusals: readonly Refusal[]): string {
  const { errorType, errorCode } = refusals[0] ?? { errorType: 0, errorCode: 0 };
  const first = errorName(errorType, errorCode);
  return `it refused ${refusals.length} entries, the first with ${first}; ${NEEDS}`;
}

/** Everything in the datapath's tables. */
export function readTables(datapath: Datapath, done: (have: Tables | undefined) => void): void {
  readMeters(datapath, (meters) => {
    datapath.query({ kind: 'flow', filter: everyFlow }, (flowParts) => {
      datapath.query({ kind: 'groupDesc' }, (groupParts) => {
        if (flowParts === undefined || groupParts === undefined) done(undefined);
        else {
          const flows = flowsIn(flowParts);
          const isOld = datapath.version === version.of10;
          done(tablesOf(isOld ? flows.map(reporting) : flows, groupsIn(groupParts), meters));
        }
      });
    });
  });
}

/** What meters the datapath can have, and those that it has: none where it refuses to say. */
function readMeters(datapath: Datapath, done: (meters: readonly PhysicalMeter[]) => void): void {
  datapath.query({ kind: 'meterFeatures' }, (parts) => {
    const features = parts?.find((part) => part.kind === 'meterFeatures');
    datapath.meterFeatures = features ?? noMeters;
    if (datapath.meterFeatures.maxMeter === 0) {
      done([]);
      return;
    }
    datapath.query({ kind: 'meterConfig', meterId: ofpm.all }, (configs) => {
      done((configs ?? []).flatMap((part) => (part.kind === 'meterConfig' ? part.meters : [])));
    });
  });
}

/** OpenFlow 1.0 does not say which entries report that they go: all of tenants' rules do. */
function reporting(flow: PhysicalFlow): PhysicalFlow {
  const kind = readCookie(flow.cookie)?.kind;
  const flags = kind === 'rule' || kind === 'tagged' ? flowFlag.sendFlowRem : 0;
  return { ...flow, flags };
}

function flowsIn(parts: readonly MultipartReplyBody[]): readonly PhysicalFlow[] {
  return parts.flatMap((part) => (part.kind === 'flow' ? part.flows : []));
}

function groupsIn(parts: readonly MultipartReplyBody[]): readonly PhysicalGroup[] {
  return parts.flatMap((part) => (part.kind === 'groupDesc' ? part.groups : []));
}
