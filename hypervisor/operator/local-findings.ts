/**
 * The findings of `limevisor doctor` about its own machine, beside those of a running Limevisor
 * (findings.ts): the settings of its datapaths' bridges, and room for the store.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import type { Finding } from './findings.ts';
import type { StatusReport } from './report.ts';

type Datapaths = readonly Pick<StatusReport['datapaths'][number], 'name' | 'dpid' | 'software'>[];

/** As `ovs-vsctl --format=json list` answers. */
export interface OvsTable {
  readonly headings: readonly string[];
  readonly data: readonly (readonly unknown[])[];
}

/** Less is too little, whatever the store has now; and it is written anew beside itself. */
const FREE_BYTES_MIN = 256 * 1024 * 1024;
const TIMEOUT_SEC = 3;

export function localFindings(
  { datapaths }: Pick<StatusReport, 'datapaths'>,
  store: { readonly store: string; readonly bytes: number } | undefined,
): readonly Finding[] {
  const bridges = ovsTable('bridge', 'name,datapath_id,fail_mode');
  const switches = ovsTable('Open_vSwitch', 'other_config');
  return [
    ...(store === undefined ? [] : diskFindings(store)),
    ...(bridges === undefined ? [] : bridgeFindings(bridges, datapaths)),
    ...(switches === undefined ? [] : switchFindings(switches)),
    ...versionFindings(datapaths),
  ];
}

function diskFindings({ store, bytes }: { store: string; bytes: number }): readonly Finding[] {
  const free = freeBytes(store);
  if (free === undefined || free >= Math.max(FREE_BYTES_MIN, 2 * bytes)) return [];
  const megabytes = Math.floor(free / 1024 / 1024);
  const what = `its disk has ${megabytes} MB left; a store is written anew beside itself`;
  return [{ object: `the store ${store}`, what, next: `df -h ${store}; make room` }];
}

function freeBytes(store: string): number | undefined {
  try {
    const { bavail, bsize } = fs.statfsSync(store);
    return bavail * bsize;
  } catch {
    return undefined; // It is on another machine, or not for who asks.
  }
}

/** Of the Open vSwitch here; undefined where there is none that answers. */
function ovsTable(table: string, columns: string): OvsTable | undefined {
  const args = [`--timeout=${TIMEOUT_SEC}`, '--format=json', `--columns=${columns}`, 'list', table];
  try {
    const text = execFileSync('ovs-vsctl', args, { encoding: 'utf8', stdio: 'pipe' });
    return JSON.parse(text) as OvsTable;
  } catch {
    return undefined; // Nothing to be found out here.
  }
}

/** Of those that are datapaths of the file: without a controller they have to do nothing. */
export function bridgeFindings({ data }: OvsTable, datapaths: Datapaths): readonly Finding[] {
  const byDpid = new Map(datapaths.map(({ dpid, name }) => [dpid, name]));
  return data.flatMap(([bridge, dpid, failMode]) => {
    const name = byDpid.get(String(dpid));
    if (name === undefined || failMode === 'secure') return [];
    const what =
      'its fail-mode is standalone: without Limevisor for a while it becomes a learning switch, ' +
      'which joins tenants';
    return [
      {
        object: `datapath ${name}`,
        what,
        next: `ovs-vsctl set-fail-mode ${String(bridge)} secure`,
      },
    ];
  });
}

export function switchFindings({ data }: OvsTable): readonly Finding[] {
  const limit = data.flatMap(([config]) => limitIn(config))[0];
  if (limit === undefined || limit === '1') return [];
  const what = `its vlan-limit is ${limit}: it mixes up frames whose tag a rule takes off`;
  const next = 'ovs-vsctl remove Open_vSwitch . other_config vlan-limit; restart ovs-vswitchd';
  return [{ object: 'Open vSwitch here', what, next }];
}

/** `["map", [["vlan-limit", "2"]]]`. */
function limitIn(config: unknown): readonly string[] {
  const [, pairs] = Array.isArray(config) ? (config as readonly unknown[]) : [];
  if (!Array.isArray(pairs)) return [];
  const all = pairs as readonly (readonly unknown[])[];
  return all.flatMap(([key, value]) => (key === 'vlan-limit' ? [String(value)] : []));
}

/** What has no network service header cannot carry frames in several tables (DESIGN 3). */
export function versionFindings(datapaths: Datapaths): readonly Finding[] {
  return datapaths.flatMap(({ name, software }) => {
    const [, major, minor] = /Open vSwitch (\d+)\.(\d+)/.exec(software) ?? [];
    if (major === undefined || Number(major) * 100 + Number(minor) >= 208) return [];
    const what = `it is ${software}; what is older than 2.8 has the flat encoding only`;
    return [
      { object: `datapath ${name}`, what, next: 'update it, or "encoding: flat" in the file' },
    ];
  });
}
