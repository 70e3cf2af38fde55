/**
 * `export` on the control socket (control-packages.ts): a tenant's whole network as it runs, with
 * the contents of its tables, all of one moment.
 */
import { encode } from '../../openflow/messages/codec.ts';
import { printInstructions } from '../../openflow/print/print.ts';
import { printGroup, printRule } from '../../openflow/print/print-flow.ts';
import { printMeter } from '../../openflow/print/print-meter.ts';
import { groupCommand, meterCommand, version } from '../../openflow/values/constants.ts';
import { packed } from '../../slices/config/packages.ts';
import { hex } from '../../slices/hex.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { RuleOrder } from '../../slices/rules/rule-order.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { chunks, type Steps } from '../../slices/steps.ts';
import { packedRule } from '../../translation/requests/packed-requests.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { whenAcknowledged } from '../tenant/acknowledged.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import { type Params, textOf } from './control-values.ts';
import type { Package, PackageContents, PackageRule } from './package-text.ts';

export interface ExportSources extends Datapaths {
  readonly world: World;
  readonly scheduler: Scheduler;
  snapshot(): Snapshot;
  runtimes(): readonly VswitchRuntime[];
  whyHeld(name: VswitchRuntime['name']): string | undefined;
}

/** `leftOut`: what is not in it, a line each. */
export interface ExportResult {
  readonly whole: Package;
  readonly leftOut: readonly string[];
}

interface Reply {
  /** A result as JSON text that is made while it is written. */
  pieces(result: Iterable<string>): void;
  error(code: 'usage' | 'rejected', message: string): void;
}

/**
 * All vswitches of the tenant stand still for as long as it takes: none of its controllers' changes
 * is taken meanwhile, and those before it are answered. So the package is one moment of all.
 */
export function exportTenant(context: ExportSources, params: Params, reply: Reply): void {
  const tenant = textOf(params, 'tenant');
  const known = [...context.snapshot().tenants.keys()];
  const runtimes = context.runtimes().filter((one) => one.tenant.name === tenant);
  const held = runtimes.flatMap(({ name, closed }) => {
    const why = closed?.why ?? context.whyHeld(name);
    return why === undefined ? [] : [`${name}: ${why}`];
  });
  if (runtimes.length === 0) reply.error('rejected', noSuchText('tenant', tenant, known));
  else if (held.length > 0) reply.error('rejected', `${tenant} is not whole: ${held.join('; ')}`);
  else {
    whileStill(context, runtimes, (release) => {
      context.scheduler.follow(wholeOf(context, tenant, runtimes), (result) => {
        release();
        reply.pieces(piecesOf(result));
      });
    });
  }
}

function whileStill(
  context: ExportSources,
  runtimes: readonly VswitchRuntime[],
  run: (release: () => void) => void,
): void {
  const releases: (() => void)[] = [];
  const release = (): void => {
    for (const one of releases) one();
  };
  whenAll(
    runtimes,
    ({ admission }, ended) => void releases.push(admission.holdAlone(() => ended())),
    () => {
      whenAll(
        runtimes,
        (runtime, ended) => whenAcknowledged(context, runtime, () => ended()),
        () => run(release),
      );
    },
  );
}

/** As `JSON.stringify` has it. */
function* piecesOf({ whole, leftOut }: ExportResult): Iterable<string> {
  const json = (value: unknown): string => JSON.stringify(value);
  const { contents, ...head } = whole;
  yield `{"leftOut":${json(leftOut)},"whole":${json(head).slice(0, -1)},"contents":{`;
  for (const [i, [name, { rules, ...rest }]] of Object.entries(contents).entries()) {
    yield `${i === 0 ? '' : ','}${json(name)}:${json(rest).slice(0, -1)},"rules":[`;
    let comma = '';
    for (const some of chunks(rules, limits.rowsAtOnce)) {
      yield comma + some.map(json).join(',');
      comma = ',';
    }
    yield ']}';
  }
  yield '}}}';
}

function* wholeOf(
  context: ExportSources,
  tenant: string,
  runtimes: readonly VswitchRuntime[],
): Steps<ExportResult> {
  const snapshot = context.snapshot();
  const { leftOut, ...network } = packed(runningConfig(snapshot), tenant);
  yield;
  const contents: Record<string, PackageContents> = {};
  for (const runtime of runtimes) {
    const rules = yield* rulesOf(runtime);
    const name = runtime.name.slice(tenant.length + 1);
    contents[name] = { ...stockOf(snapshot, runtime), rules };
  }
  const exportedAt = new Date(context.world.wallClockMs()).toISOString();
  return { whole: { tenant, exported: exportedAt, ...network, contents }, leftOut };
}

/** In the order in which they were made. */
function* rulesOf({ rulebook }: VswitchRuntime): Steps<readonly PackageRule[]> {
  const order = new RuleOrder(rulebook.arena);
  for (const cursor = newCursor(); !cursor.isOver; ) {
    order.take(cursor);
    yield;
  }
  const rules: PackageRule[] = [];
  for (const serial of Uint32Array.from(order.serials()).sort()) {
    const rule = rulebook.bySerial(serial);
    if (rule !== undefined) rules.push(ruleIn(rule));
    if (rules.length % 8 === 0) yield;
  }
  return rules;
}

function ruleIn(rule: Rule): PackageRule {
  const { match, instructions, cookie, ...rest } = packedRule(rule);
  const text = `${printRule(rule)} actions=${printInstructions(rule.instructions)}`;
  return {
    rule: `table=${rule.tableId},${text}`,
    ...rest,
    cookie: `0x${cookie.toString(16)}`,
    match: hex(match),
    instructions: hex(instructions),
  };
}

function stockOf(
  { portConfigs }: Snapshot,
  { name, groups, meters }: VswitchRuntime,
): Omit<PackageContents, 'rules'> {
  const xid = 0;
  return {
    ports: Object.fromEntries(portConfigs.get(name) ?? []),
    meters: meters.table.meters().map(({ meterId, flags, bands }) => {
      const mod = { meterId, flags, bands, command: meterCommand.add };
      const frame = hex(encode(version.of13, { type: 'meterMod', xid, ...mod }));
      return { reads: printMeter({ meterId, flags, bands }), frame };
    }),
    groups: groups.table.groups().map(({ groupId, groupType, buckets }) => {
      const mod = { groupId, groupType, buckets, command: groupCommand.add };
      const frame = hex(encode(version.of13, { type: 'groupMod', xid, ...mod }));
      return { reads: printGroup(groupId, groupType, buckets), frame };
    }),
  };
}
