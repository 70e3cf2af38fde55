/**
 * `limevisor doctor`: everything that looks wrong in `status`, each with the command to type next.
 * Nothing is changed.
 */
import { plural } from '../../slices/plural.ts';
import type { StatusReport } from './report.ts';

export interface Finding {
  readonly object: string;
  readonly what: string;
  /** What to type, or to look at. */
  readonly next: string;
}

type Look = (status: StatusReport) => readonly Finding[];

/** In the order in which a person would look: what is far below first, since the rest follows. */
export function findingsOf(status: StatusReport): readonly Finding[] {
  return looks.flatMap((look) => look(status));
}

/** For people; the last line says how many. */
export function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'nothing looks wrong';
  const lines = findings.map(({ object, what, next }) => `${object}: ${what}\n  next: ${next}`);
  return [...lines, plural(findings.length, 'finding')].join('\n');
}

const looks: readonly Look[] = [
  ({ store }) =>
    store.waits === undefined
      ? []
      : [{ object: 'the store', what: store.waits, next: 'df -h, where the store is; make room' }],
  ({ givenUp }) =>
    Object.entries(givenUp).map(([object, what]) => {
      return { object, what, next: 'limevisor events --json | grep internal' };
    }),
  ({ datapaths, refused, unknown, off = [] }) =>
    datapaths
      .filter(({ state, name }) => state !== 'ready' && !off.includes(name))
      .map(({ name, dpid, state, why }) => {
        const isTried = refused.length + unknown.length > 0;
        const away = isTried ? 'see REFUSED and UNKNOWN below' : `ovs-vsctl get-controller ${name}`;
        const shows = `ovs-vsctl get bridge ${name} datapath_id`;
        const hint = `${away}; its dpid has to be ${dpid}: ${shows}`;
        const next = state === 'refused' ? 'docs/GUIDE.md, "A store and its switches"' : hint;
        return { object: `datapath ${name}`, what: why === '' ? state : `${state}: ${why}`, next };
      }),
  ({ refused }) =>
    refused.map(({ peer, why, count }) => {
      const what = `it is refused: ${why} (${plural(count, 'time')})`;
      return { object: `REFUSED: a switch at ${peer}`, what, next: 'its own log; docs/TLS.md' };
    }),
  ({ unknown }) =>
    unknown.map(({ dpid, peer }) => {
      const next = `limevisor discover, or another dpid there: it may be a bridge set up otherwise`;
      return {
        object: `UNKNOWN: a switch at ${peer}`,
        what: `dpid ${dpid} is not in the file`,
        next,
      };
    }),
  ({ datapaths }) =>
    datapaths.flatMap(({ name, warnings }) =>
      warnings.map((what) => ({ object: `datapath ${name}`, what, next: commandIn(what) })),
    ),
  ({ links, off = [] }) =>
    links
      .filter(({ state }) => state !== 'up' && state !== 'unverified')
      .filter(({ ends }) => !off.includes(ends.toSorted().join(' - ')))
      .map(({ ends, state, text }) => {
        const next = ofLinks[state] ?? 'limevisor links';
        return { object: `link ${ends.join(' - ')}`, what: text, next };
      }),
  ({ suspicions }) =>
    suspicions.map(({ port, why, count }) => {
      const next = `look what is plugged in at ${port}`;
      return { object: `port ${port}`, what: `${why} (${plural(count, 'time')})`, next };
    }),
  ({ vswitches }) => vswitches.flatMap(ofVswitch),
  ({ left }) =>
    left
      .filter(({ hasHeir, isRestored }) => hasHeir && !isRestored)
      .map(({ vswitch }) => ({
        object: vswitch,
        what: 'it waits: rules of another vswitch of this name are kept',
        next: `limevisor purge ${vswitch}, or limevisor restore ${vswitch}`,
      })),
  ({ atLimits }) =>
    atLimits.map(({ tenant, what }) => {
      const next = 'limevisor top; more under "limits" in the file, then limevisor apply FILE';
      return { object: `tenant ${tenant}`, what: `at its limit: ${what.join(', ')}`, next };
    }),
  ({ alarms }) =>
    Object.entries(alarms).map(([what, count]) => {
      const next = 'limevisor events, and docs/GUIDE.md, "When something is wrong"';
      return { object: 'since the start', what: `${count} x ${what}`, next };
    }),
];

function ofVswitch({
  name,
  down,
  ports,
  controllers,
}: StatusReport['vswitches'][number]): readonly Finding[] {
  if (down !== undefined) {
    // What its datapath lacks is told there.
    if (down.startsWith('datapath ')) return [];
    return [{ object: name, what: `it is down: ${down}`, next: commandIn(down) }];
  }
  const dark = ports.filter(({ port, state }) => state === 'down' && port !== 'LOCAL');
  const away = controllers.filter(({ state }) => state !== 'up');
  return [
    ...dark.map(({ port, why }) => {
      return { object: `${name} port ${port}`, what: `it is down: ${why}`, next: ofPort(why) };
    }),
    ...away.map(({ target, state, why }) => {
      const next = `start it, or look there: ss -ltn, and its log; in the file, "controllers"`;
      const what = `its controller ${target} is ${state}${why === '' ? '' : `: ${why}`}`;
      return { object: name, what, next };
    }),
  ];
}

function ofPort(why: string): string {
  const [, bridge] = /(\S+) has no port/.exec(why) ?? [];
  const shows = `ovs-ofctl -O OpenFlow13 show ${bridge}`;
  if (bridge !== undefined) return `${shows}; correct "at" in the file`;
  return 'plug its cable in; limevisor links shows those between datapaths';
}

const ofLinks: Readonly<Record<string, string>> = {
  down: 'plug the cable in, or: ip link set PORT up',
  miswired: 'plug it in where "links" says, or correct "links", then limevisor apply FILE',
  tooSmall: 'ip link set PORT mtu 1600, at both ends',
  silent: 'follow the cable: does a switch in between drop unknown frames?',
};

/** What a text itself says to type. */
function commandIn(text: string): string {
  const [, typed] = /type:? "?([^"]+)"?$/.exec(text) ?? [];
  return typed ?? 'docs/GUIDE.md, "When something is wrong"';
}
