/**
 * Networks as their owners are shown them: a list, and one of them.
 */
import { dateText } from '../../slices/config/departures.ts';
import { lifetimeText } from '../../slices/config/quotas.ts';
import { plural } from '../../slices/plural.ts';
import { table } from './report-text.ts';

/** As the API has it; of a tenant of the file only the first four. */
export interface ListedNetwork {
  readonly name: string;
  readonly vswitches: number;
  readonly hosts: number;
  readonly frozen?: string;
  readonly owner?: string;
  readonly quota?: string;
  readonly state?: string;
  readonly endsMs?: number;
  readonly endsSoon?: boolean;
  readonly isEnding?: boolean;
  readonly counts?: Readonly<Record<string, number>>;
  readonly missing?: readonly string[];
}

export interface ShownNetwork {
  readonly name: string;
  readonly vswitches: readonly {
    readonly name: string;
    readonly dpid: string;
    readonly state: string;
    readonly why: string;
    readonly rules: number;
    readonly ports: readonly {
      readonly port: string;
      readonly leadsTo: string;
      readonly state: string;
      readonly why: string;
    }[];
    readonly controllers: readonly {
      readonly target: string;
      readonly state: string;
      readonly why: string;
    }[];
  }[];
  readonly missing: readonly string[];
  readonly life?: {
    readonly owner: string;
    readonly quota: string;
    readonly state: string;
    readonly endsMs?: number;
    readonly endsSoon: boolean;
    readonly isEnding: boolean;
    readonly counts: Readonly<Record<string, number>>;
    readonly offers: Readonly<Record<string, string>>;
  };
}

export interface ShownQuota {
  readonly quota: string;
  readonly most: Readonly<Record<string, number>>;
  readonly used: Readonly<Record<string, number>>;
  readonly lifetimeMs?: number;
  readonly needsApproval: boolean;
  readonly offers: readonly {
    readonly name: string;
    readonly isFree: boolean;
    readonly network: string;
  }[];
}

export function listText(all: readonly ListedNetwork[]): string {
  if (all.length === 0) return 'no network; "limevisor network --help" says how to make one';
  const rows = all.map((one) => {
    const { name, owner = 'the file', quota = '', counts = {}, endsMs } = one;
    const { vswitches = one.vswitches, hosts = one.hosts } = counts;
    const sizes = [String(vswitches), String(hosts)];
    return [name, stateText(one), endText(endsMs, one.endsSoon), ...sizes, owner, quota];
  });
  const head = ['NETWORK', 'STATE', 'ENDS (UTC)', 'VSWITCHES', 'HOSTS', 'OWNER', 'QUOTA'];
  const below = all.flatMap(({ name, missing = [] }) => missing.map((one) => `${name}: ${one}`));
  return [table([head, ...rows]), ...(below.length > 0 ? ['', ...below] : [])].join('\n');
}

function stateText({ state = 'running', frozen, isEnding, missing = [] }: ListedNetwork): string {
  if (isEnding === true) return 'ending';
  if (frozen !== undefined) return `frozen`;
  return state === 'running' && missing.length > 0 ? 'not ready' : state;
}

function endText(endsMs: number | undefined, isSoon = false): string {
  if (endsMs === undefined) return 'never';
  return `${dateText(endsMs)}${isSoon ? ', soon' : ''}`;
}

export function networkText({ name, vswitches, missing, life }: ShownNetwork): string {
  const lines = [name];
  if (life !== undefined) {
    const { endsMs, endsSoon, isEnding, quota, counts, offers } = life;
    const state = isEnding ? 'ending' : life.state;
    const sizes = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
    lines.push(
      `  ${state}; ends: ${endText(endsMs, endsSoon)}; quota ${quota}: ${sizes.join(', ')}`,
      `  hosts: ${Object.entries(offers).map(pairText).join(', ')}`,
    );
  }
  const ports = vswitches.flatMap((one) => [
    [one.name, one.dpid, one.state, plural(one.rules, 'rule'), one.why],
    ...one.ports
      .filter(({ leadsTo }) => leadsTo !== 'nothing')
      .map(({ port, leadsTo, state, why }) => [`  port ${port}`, leadsTo, state, '', why]),
    ...one.controllers.map(({ target, state, why }) => ['  controller', target, state, '', why]),
  ]);
  if (ports.length > 0) lines.push('', table(ports));
  const isReady = missing.length === 0;
  return [...lines, '', isReady ? 'ready' : `not ready:\n  ${missing.join('\n  ')}`].join('\n');
}

function pairText([host, offer]: readonly [string, string]): string {
  return host === offer ? host : `${host} at ${offer}`;
}

export function quotaText(report: ShownQuota): string {
  const { quota, most, used, lifetimeMs, needsApproval, offers } = report;
  const rows = Object.entries(most).map(([kind, count]) => [
    ...[kind, String(used[kind] ?? 0), String(count)],
  ]);
  const life = lifetimeMs === undefined ? 'as long as you like' : lifetimeText(lifetimeMs);
  const taken = offers.map(({ name, isFree, network }) => [
    ...[name, isFree ? 'free' : network === '' ? 'taken' : `in ${network}`],
  ]);
  return [
    `quota ${quota}: a network is there for ${life} at most, and may be extended`,
    ...(needsApproval ? ['the operator approves of each before it is made'] : []),
    '',
    table([['', 'USED', 'MOST'], ...rows]),
    '',
    table([['OFFER', ''], ...taken]),
  ].join('\n');
}
