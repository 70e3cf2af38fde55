/**
 * Checks that a vswitch can live on a datapath: everything that its tenant uses must be possible
 * there, in the flat encoding (DESIGN 2), and no longer than a message (../fit.ts). Nothing is left
 * out in silence.
 */

import { actionBytesMin } from '../../openflow/actions/actions.ts';
import { printMatch } from '../../openflow/print/print-match.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { isHostOn } from '../../slices/network/host-attachments.ts';
import {
  type Attachment,
  isFlat,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { longRules } from '../../slices/rules/rule-filter.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import type { Body } from '../entries/body.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import { FlatDatapath } from '../flat/datapath.ts';
import { PipelineBody } from './pipeline-body.ts';

/** Why it cannot, naming the rule; undefined when it can. */
export function misfit(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitch: Vswitch,
  { rulebook, groups, meters }: TenantTables,
): string | undefined {
  if (!isFlat(snapshot, datapath)) {
    const body = new PipelineBody(vswitch, { datapath, isLive: () => true });
    return misfitIn(longRules(rulebook, shortRuleBytes), body, snapshot, vswitch, datapath);
  }
  const kind = kindOf(snapshot, datapath);
  const held = [...vswitch.ports].find(([, one]) => one.bandwidth !== undefined);
  if (held !== undefined) {
    return (
      `the bandwidth of ${vswitch.name} port ${held[0]} is held by meters, and ${datapath} has ` +
      `${kind}, without them: let the vswitch live elsewhere, or remove that limit`
    );
  }
  const used = [
    ...(groups.table.groups().length > 0 ? ['groups'] : []),
    ...(meters.table.meters().length > 0 ? ['meters'] : []),
  ];
  if (used.length > 0) {
    return `${vswitch.name} has ${used.join(' and ')}, and ${datapath} has ${kind}, without them`;
  }
  const body = new FlatDatapath(snapshot, datapath, [vswitch]).bodyOf(vswitch);
  return misfitIn(rulebook.rules(), body, snapshot, vswitch, datapath);
}

function kindOf({ encodings }: Snapshot, datapath: DatapathName): string {
  return encodings.get(datapath) === 'flat of 1.0' ? 'OpenFlow 1.0' : 'one table';
}

/**
 * What a flat datapath lets pass without a limit, of hosts that are plugged in there whose vswitch
 * lives elsewhere: what they send; undefined when it is nothing. What they get is held there.
 */
export function unlimitedAt(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitch: Vswitch,
): string | undefined {
  if (!isFlat(snapshot, datapath)) return undefined;
  const isUnlimited = ([, one]: readonly [unknown, Attachment]): boolean =>
    one.bandwidth?.in !== undefined && isHostOn(one, datapath);
  const found = [...vswitch.ports].find(isUnlimited);
  if (found === undefined) return undefined;
  return (
    `what enters ${vswitch.name} port ${found[0]} at ${datapath} is held to no bandwidth: ` +
    `${datapath} has ${kindOf(snapshot, datapath)}, without meters; plug the host in elsewhere`
  );
}

/** A rule with no more has so few actions that it fits everywhere. */
export const shortRuleBytes = limits.shortActionsMax * actionBytesMin;

function misfitIn(
  rules: Iterable<Rule>,
  body: Body,
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
): string | undefined {
  for (const rule of rules) {
    const wrong = body.refuse({ type: 'add', rule, replaced: undefined, resets: false }, snapshot);
    if (wrong === undefined) continue;
    const name = `table=${rule.tableId},priority=${rule.priority},${printMatch(rule.match)}`;
    return `${vswitch.name} has the rule ${name}, which ${datapath} cannot hold: ${wrong.why}`;
  }
  return undefined;
}
