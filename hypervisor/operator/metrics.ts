/**
 * The metrics for Prometheus, a row each. A metric that means the same in Faucet has Faucet's name
 * (dp_status, port_status, of_packet_ins_total...); a tenant's metrics have its name, and a
 * vswitch's its dpid as the tenant knows it (`vdpid`).
 *
 * All is counted while messages pass, and looked up when somebody asks; nothing is computed before.
 */
import type { MigrationCounts } from '../migrate/migration-counts.ts';
import { type DatapathMetricSources, ofDatapaths } from './datapath-metrics.ts';
import { each, histogram, type Metric, sample } from './metric-values.ts';
import type { StatusSources } from './report.ts';
import { ofTenants, ofVswitches, type TenantMetricSources } from './tenant-metrics.ts';

export interface MetricSources
  extends DatapathMetricSources,
    TenantMetricSources,
    Pick<StatusSources, 'world' | 'startedMs' | 'storeWaits' | 'alarms' | 'identity'> {
  readonly watchers: { readonly counts: MigrationCounts };
  readonly journal: { readonly size: { readonly kept: number; readonly waiting: number } };
}

type Rows = readonly Metric<MetricSources>[];

const ofProcess: Rows = [
  {
    ...{ name: 'limevisor_uptime_seconds', type: 'gauge', help: 'Since this process serves.' },
    samples: ({ world, startedMs }) => [sample({}, (world.nowMs() - startedMs) / 1000)],
  },
  {
    ...{ name: 'limevisor_alarms_total', type: 'counter' },
    help: 'What the operator was alarmed of, of all kinds; limevisor doctor says which.',
    samples: ({ alarms }) => [
      sample(
        {},
        [...alarms.values()].reduce((sum, one) => sum + one, 0),
      ),
    ],
  },
  {
    ...{ name: 'limevisor_store_bytes', type: 'gauge', help: 'Size of the store.' },
    samples: ({ journal }) => [sample({}, journal.size.kept)],
  },
  {
    ...{ name: 'limevisor_store_waiting_bytes', type: 'gauge' },
    help: 'What the store has not written yet.',
    samples: ({ journal }) => [sample({}, journal.size.waiting)],
  },
  {
    ...{ name: 'limevisor_store_waits', type: 'gauge' },
    help: '1 while the store waits for room on its disk.',
    samples: ({ storeWaits }) => [sample({}, storeWaits === undefined ? 0 : 1)],
  },
  {
    ...{ name: 'limevisor_store_generation', type: 'gauge', help: 'How far the store is.' },
    samples: ({ identity }) => [sample({}, identity.generation)],
  },
];

const ofMigrations: Rows = [
  {
    ...{ name: 'limevisor_migrations', type: 'gauge', help: 'Migrations that are under way.' },
    samples: ({ watchers: { counts } }) => [sample({}, counts.underWay)],
  },
  {
    ...{ name: 'limevisor_migrations_total', type: 'counter', help: 'Migrations, by their end.' },
    samples: ({ watchers: { counts } }) =>
      Object.entries(counts.ended).map(([end, count]) => sample({ end }, count)),
  },
  {
    ...{ name: 'limevisor_migration_seconds', type: 'histogram' },
    help: 'How long migrations took, by strategy.',
    samples: ({ watchers: { counts } }) =>
      each(counts.durations.all, ([strategy, durations]) => histogram({ strategy }, durations)),
  },
  {
    ...{ name: 'limevisor_migration_packets_total', type: 'counter' },
    help: 'Packets that were held, led to the other body, or lost in migrations.',
    samples: ({ watchers: { counts } }) =>
      Object.entries(counts.packets).map(([what, count]) => sample({ what }, count)),
  },
];

export const metrics: Rows = [
  ...ofProcess,
  ...ofDatapaths,
  ...ofTenants,
  ...ofVswitches,
  ...ofMigrations,
];
