/**
 * Whether a vswitch can live on a datapath: everything that its tenant uses must fit, what a flat
 * one can say (DESIGN 2), and what is no longer than a message (../fit.ts). Nothing is left out in
 * silence.
 */

import { actionBytesMin } from '../../openflow/actions/actions.ts';
import { printMatch } from '../../openflow/print/print-match.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { isFlat, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
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
  const kind = snapshot.encodings.get(datapath) === 'flat of 1.0' ? 'OpenFlow 1.0' : 'one table';
  const used = [
    ...(groups.book.groups().length > 0 ? ['groups'] : []),
    ...(meters.book.meters().length > 0 ? ['meters'] : []),
  ];
  if (used.length > 0) {
    return `${vswitch.name} has ${used.join(' and ')}, and ${datapath} has ${kind}, without them`;
  }
  const body = new FlatDatapath(snapshot, datapath, [vswitch]).bodyOf(vswitch);
  return misfitIn(rulebook.rules(), body, snapshot, vswitch, datapath);
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
