/**
 * The parts that are missing until the network serves, for `limevisor wait`: datapaths, vswitches,
 * and for each vswitch one of its controllers. A port without a cable is not waited for.
 */
import { type Target, targetText } from '../../slices/config/target.ts';
import { type DatapathName, tenantOf } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { placesOf } from '../../slices/network/host-attachments.ts';
import type { Placement, Vswitch } from '../../slices/network/snapshot.ts';

export interface WaitingReport {
  /** The first of them, a line each. */
  readonly missing: readonly string[];
  /** How many there are. */
  readonly count: number;
}

interface WaitedDatapath {
  readonly name: DatapathName;
  readonly isReady: boolean;
  readonly state: { readonly type: string; readonly why?: string };
}

interface WaitedVswitch {
  readonly vswitch: Vswitch;
  readonly placement: Pick<Placement, 'bodies'>;
  readonly controllers: readonly {
    readonly kind: 'dialled' | 'guest';
    readonly target: Target;
    readonly isUp: boolean;
    readonly state: { readonly type: string; readonly why?: string };
  }[];
  whyDown(): string | undefined;
}

export interface WaitingSources {
  datapaths(): readonly WaitedDatapath[];
  runtimes(): readonly WaitedVswitch[];
}

/** Of tenants and vswitches of these names, or of all. */
export function waitingReport(
  context: WaitingSources,
  names: readonly string[],
): WaitingReport | { readonly whyNot: string } {
  const all = context.runtimes();
  const known = new Set(all.flatMap(({ vswitch: { name } }) => [tenantOf(name), name as string]));
  const wrong = names.find((one) => !known.has(one));
  if (wrong !== undefined) return { whyNot: noSuchText('tenant or vswitch', wrong, known) };
  const wanted = new Set(names);
  const runtimes = all.filter(({ vswitch: { name } }) => {
    return wanted.size === 0 || wanted.has(name) || wanted.has(tenantOf(name));
  });
  const places = new Set(runtimes.flatMap(placesNeeded));
  const missing = [
    ...context
      .datapaths()
      .filter(({ name, isReady }) => !isReady && (wanted.size === 0 || places.has(name)))
      .map(({ name, state }) => `datapath ${name} is ${stateText(state)}`),
    ...runtimes.flatMap(missingOf),
  ];
  return { missing: missing.slice(0, limits.throughRowsMax), count: missing.length };
}

function placesNeeded({ vswitch, placement }: WaitedVswitch): readonly DatapathName[] {
  const hosts = [...vswitch.ports.values()].flatMap((one) => {
    return one.type === 'host' ? placesOf(one).map(({ device }) => device) : [];
  });
  return [...placement.bodies, ...hosts];
}

function missingOf(runtime: WaitedVswitch): readonly string[] {
  const { controllers } = runtime;
  const { name } = runtime.vswitch;
  const why = runtime.whyDown();
  if (why !== undefined) return [`${name}: ${why}`];
  const dialled = controllers.filter(({ kind }) => kind === 'dialled');
  if (dialled.length === 0 || dialled.some(({ isUp }) => isUp)) return [];
  return dialled.map(({ target, state }) => {
    return `${name}: controller ${targetText(target)} is ${stateText(state)}`;
  });
}

function stateText({ type, why = '' }: { readonly type: string; readonly why?: string }): string {
  return why === '' ? type : `${type}: ${why}`;
}
