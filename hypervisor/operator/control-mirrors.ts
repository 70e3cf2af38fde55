/**
 * `mirror` on the control socket (control.ts), by which vswitches get a copy on a datapath for
 * tests, or lose it; and `mirrors`, which lists the copies.
 */
import { copyNameOf, mirrorsIn, withMirrors } from '../../slices/config/mirrors.ts';
import type { Config, PhysicalEnd } from '../../slices/config/values.ts';
import { type DatapathName, endText, type Port, type VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { isFlat, placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import type { Applying } from '../migrate/applying.ts';
import { Mirror, type MirrorContext } from '../tenant/mirror.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Ended } from '../world/when-all.ts';
import { type ApplyResult, resultOf } from './control-apply.ts';
import { type Params, textOf, textsOf } from './control-values.ts';

export interface MirrorSources extends MirrorContext {
  readonly applying: Pick<Applying, 'apply'>;
  snapshot(): Snapshot;
  runtime(name: VswitchName): VswitchRuntime | undefined;
}

export interface MirrorReport {
  readonly vswitch: string;
  /** The port where its copy sends everything. */
  readonly at: string;
  /** By vport, the VLAN that says that a frame left by it. */
  readonly vlans: Readonly<Record<string, number>>;
  readonly rules: number;
  /** Why there are no copies now, or what the copy lacks; empty when all is well. */
  readonly why: string;
}

/** What was asked for, and all that there are then. */
export interface MirrorResult {
  readonly outcome?: ApplyResult;
  readonly mirrors: readonly MirrorReport[];
}

interface Reply {
  result(value: unknown): void;
  error(code: 'usage' | 'rejected', message: string): void;
}

export const mirrorMethods = { mirror, mirrors } as const;

function mirrors(context: MirrorSources, _: Params, reply: Reply): void {
  reply.result({ mirrors: reportsOf(context) } satisfies MirrorResult);
}

function mirror(context: MirrorSources, params: Params, reply: Reply): void {
  const names = textsOf(params, 'names');
  const to = textOf(params, 'to');
  const isOff = params['off'] === true;
  const result = (outcome: ApplyResult): void => {
    reply.result({ outcome, mirrors: reportsOf(context) } satisfies MirrorResult);
  };
  const refuse = (why: string): void => reply.error('rejected', why);
  const { config, tenants, vswitches } = context.snapshot();
  const known = [...tenants.keys(), ...vswitches.keys()];
  const unknown = names.find((name) => !known.includes(name));
  const all = names.flatMap((name) => tenants.get(name)?.map((one) => one.name) ?? name);
  const own = new Set(all as VswitchName[]);
  const end = endOf(config, to);
  if (names.length === 0) reply.error('usage', 'name vswitches or tenants');
  else if (unknown !== undefined) refuse(noSuchText('vswitch or tenant', unknown, known));
  else if (isOff) {
    const next = without(config, own);
    if (next === undefined) refuse(`${names.join(', ')}: nothing is mirrored there`);
    else applyMirrors(context, `the end of the mirror of ${names.join(', ')}`, next, result);
  } else if ('why' in end) refuse(end.why);
  else {
    const why = [...own].flatMap((name) => whyNot(context, name, end) ?? [])[0];
    const next = why === undefined ? withMirrors(config, [...own], end) : { why };
    if ('why' in next) refuse(next.why);
    else applyMirrors(context, `the mirror of ${names.join(', ')}`, next, result);
  }
}

function endOf(config: Config, text: string): PhysicalEnd | { readonly why: string } {
  const [, name = '', port = ''] = /^(.+):([0-9]{1,5})$/.exec(text) ?? [];
  const datapath = config.datapaths.find((one) => one.name === name);
  if (datapath !== undefined) {
    return { device: datapath.name as DatapathName, port: Number(port) as Port };
  }
  const known = config.datapaths.map((one) => one.name);
  if (name !== '') return { why: noSuchText('datapath', name, known) };
  return { why: `"${text}" is not a port; write --to s9:4, where its copy is and sends all to` };
}

/** Copies are made, and taken, where there are several tables. */
function whyNot(
  { snapshot, runtime }: MirrorSources,
  name: VswitchName,
  { device }: PhysicalEnd,
): string | undefined {
  const now = snapshot();
  if (now.vswitches.get(name)?.copyOf !== undefined) return `${name} is a copy itself`;
  const { bodies } = placementOf(now, name);
  if (bodies.includes(device)) return `${name} lives on ${device} itself; mirror it to another`;
  const flat = bodies.find((one) => isFlat(now, one));
  if (flat !== undefined) {
    const why = `${flat}, where it lives, has one table (encoding flat), and nothing copies there`;
    return `${name} cannot be mirrored: ${why}; migrate it to one with several tables first`;
  }
  if (isFlat(now, device)) {
    const why = `${device} has one table (encoding flat), which not all of its frames get to`;
    const next = `name one with several tables, or "limevisor migrate ${name} --to ${device}"`;
    return `${name} cannot be mirrored: ${why}; ${next}`;
  }
  return runtime(name)?.isClosed
    ? `${name} is closed; "limevisor reopen ${name}" first`
    : undefined;
}

/** Undefined when none of them has a copy. */
function without(config: Config, names: ReadonlySet<VswitchName>): Config | undefined {
  const left = mirrorsIn(config).filter(({ name }) => !names.has(name));
  if (left.length === mirrorsIn(config).length) return undefined;
  const copies = new Set([...names].map(copyNameOf));
  return {
    ...config,
    vswitches: config.vswitches.filter(({ name }) => !copies.has(name)),
    hosts: config.hosts.filter(({ port }) => !copies.has(port.device)),
  };
}

/** As an apply of our own: made, filled, and taken back as a whole. */
function applyMirrors(
  context: MirrorSources,
  what: string,
  config: Config,
  done: (outcome: ApplyResult) => void,
): void {
  const { portConfigs } = context.snapshot();
  const configs = config.vswitches.flatMap(({ name, copyOf }) => {
    const own = copyOf && portConfigs.get(copyOf);
    return own ? [[name, own] as const] : [];
  });
  const asked: Parameters<Applying['apply']>[3] = {
    isWhole: true,
    entries: () => [],
    brings: {
      portConfigs: new Map(configs),
      fill: (copy, ended) => fill(context, copy, ended),
    },
  };
  context.applying.apply(what, config, (applied) => done(resultOf(applied)), asked);
}

function fill(context: MirrorSources, copy: VswitchRuntime, ended: Ended): void {
  const { copyOf } = copy.vswitch;
  const original = copyOf && context.runtime(copyOf);
  if (original === undefined) {
    ended();
    return;
  }
  const made = new Mirror(context, original, copy);
  original.mirror = made;
  made.fill(ended);
}

function reportsOf({ snapshot, runtime }: MirrorSources): readonly MirrorReport[] {
  const now = snapshot();
  return mirrorsIn(now.config).map(({ name, at, vlans }) => {
    const copy = runtime(copyNameOf(name));
    const { primary } = placementOf(now, name);
    const lacks = runtime(name)?.mirror?.lacks;
    const where = isFlat(now, primary) ? 'has one table' : 'is where the copy is';
    const isCopied = primary !== at.device && !isFlat(now, primary);
    const why = isCopied ? undefined : `no copies now: ${name} lives on ${primary}, which ${where}`;
    return {
      vswitch: name,
      at: endText(at),
      vlans: Object.fromEntries([...vlans].map(([vport, vlan]) => [String(vport), vlan])),
      rules: copy?.rulebook.size ?? 0,
      why: copy?.whyDown() ?? why ?? (lacks && `it lacks something: ${lacks}`) ?? '',
    };
  });
}
