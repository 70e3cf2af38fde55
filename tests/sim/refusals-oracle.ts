/**
 * What is wrong when everybody has been left in peace (refusals.ts): what switches hold that they
 * should not, or lack; and what books hold that their tenants do not believe in, or lack.
 */

import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { deviations, differences, type Holding } from '../support/intent.ts';
import type { MoodySwitch } from './moody-switch.ts';
import { type Model, ruleText, textOf } from './refusals-model.ts';
import type { Tenant } from './refusals-tenant.ts';

export function wrongIn(
  hypervisor: Hypervisor,
  switches: readonly MoodySwitch[],
  tenants: readonly Tenant[],
): readonly string[] {
  const troubles: string[] = [];
  for (const one of hypervisor.executor.all()) {
    if (!isOver(one))
      troubles.push(`migration ${one.id} of ${one.vswitch} is in ${one.state.type}`);
  }
  for (const [i, { name }] of hypervisor.datapaths().entries()) {
    const datapath = hypervisor.datapaths()[i];
    const made = switches[i];
    if (datapath?.isReady !== true || made === undefined)
      troubles.push(`${name} is ${datapath?.state.type}`);
    else troubles.push(...deviations(hypervisor, datapath, holdingOf(made)));
  }
  for (const runtime of hypervisor.runtimes()) {
    const { name, dpid } = runtime.vswitch;
    const why = runtime.whyDown();
    if (why !== undefined) troubles.push(`${name} is down: ${why}`);
    if (!runtime.unanswered.isEmpty) troubles.push(`${name} has changes that nobody answered`);
    const session = tenants[name.startsWith('red') ? 0 : 1]?.sessions.get(dpid);
    if (session?.isUp !== true) {
      troubles.push(`${name} has no controller`);
      continue;
    }
    troubles.push(...session.odd.map((one) => `${name}: ${one}`));
    if (session.waiting > 0) troubles.push(`${name}: ${session.waiting} barriers are not answered`);
    const should = lines(session.model());
    troubles.push(...differences(`the books of ${name}`, booksOf(runtime), should));
  }
  return troubles;
}

/** What barriers have acknowledged, by vswitch: rules, groups and meters as text. */
export type Promised = ReadonlyMap<string, readonly string[]>;

/** What a kill must not take away: what was acknowledged, and nobody has touched since. */
export function promisedTo(hypervisor: Hypervisor, tenants: readonly Tenant[]): Promised {
  const promised = new Map<string, readonly string[]>();
  for (const { vswitch } of hypervisor.runtimes()) {
    const session = tenants[vswitch.name.startsWith('red') ? 0 : 1]?.sessions.get(vswitch.dpid);
    if (session?.isReady === true) promised.set(vswitch.name, lines(session.promised()));
  }
  return promised;
}

export function missingIn(hypervisor: Hypervisor, promised: Promised): readonly string[] {
  return hypervisor.runtimes().flatMap((runtime) => {
    const { name } = runtime.vswitch;
    const has = new Set(booksOf(runtime));
    const gone = (promised.get(name) ?? []).filter((one) => !has.has(one));
    return gone.map((one) => `${name} had it acknowledged, and a start does not find it: ${one}`);
  });
}

function booksOf({ rulebook, groups, meters }: VswitchRuntime): readonly string[] {
  return lines({
    rules: new Map(
      rulebook
        .rules()
        .map((one) => [textOf(one.match), ruleText(one.cookie, one.instructions)] as const),
    ),
    groups: new Map(
      groups.table.groups().map((one) => [one.groupId, textOf(one.buckets)] as const),
    ),
    meters: new Map(meters.table.meters().map((one) => [one.meterId, textOf(one.bands)] as const)),
  });
}

function lines({ rules, groups, meters }: Model): readonly string[] {
  return [
    ...[...rules].map(([slot, text]) => `rule ${slot} ${text}`),
    ...[...groups].map(([id, text]) => `group ${id} ${text}`),
    ...[...meters].map(([id, text]) => `meter ${id} ${text}`),
  ];
}

export function holdingOf({ tables, isOld }: MoodySwitch): Holding {
  const groups = [...tables.groups].map(([id, { buckets }]) => [id, buckets] as const);
  const meters = [...tables.meters.values()];
  return { flows: tables.entries, groups: new Map(groups), meters, isOld };
}
