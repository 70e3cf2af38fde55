/**
 * Metrics of tenants and their vswitches (metrics.ts).
 */
import { tableKinds } from '../../slices/config/tenant-limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { ownerKey } from '../../translation/datapath/contribution.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Tenants } from '../tenant/tenant.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import { each, histogram, type Labels, type Metric, sample } from './metric-values.ts';

export interface TenantMetricSources {
  readonly tenants: Tenants;
  datapaths(): readonly Datapath[];
  runtimes(): readonly VswitchRuntime[];
}

function ofVswitch({ name, tenant, dpid }: Vswitch): Labels {
  return { tenant, vswitch: name, vdpid: `0x${dpid.toString(16)}` };
}

type Rows = readonly Metric<TenantMetricSources>[];

export const ofTenants: Rows = [
  {
    ...{ name: 'limevisor_messages_total', type: 'counter' },
    help: 'Messages of controllers and to them, by class.',
    samples: ({ tenants }) =>
      each(tenants.all(), ({ name: tenant, traffic }) => [
        ...Object.entries(traffic.up).map(([kind, count]) =>
          sample({ tenant, direction: 'to-controllers', class: kind }, count),
        ),
        ...Object.entries(traffic.down).map(([kind, count]) =>
          sample({ tenant, direction: 'from-controllers', class: kind }, count),
        ),
      ]),
  },
  {
    ...{ name: 'limevisor_messages_shed_total', type: 'counter' },
    help: 'Dropped or refused because of a rate of the file.',
    samples: ({ tenants }) =>
      each(tenants.all(), ({ name: tenant, traffic }) =>
        Object.entries(traffic.shed).map(([kind, count]) => sample({ tenant, class: kind }, count)),
      ),
  },
  {
    ...{ name: 'limevisor_request_seconds', type: 'histogram' },
    help: 'From when a request is read to when all of its answer is said, by type of message.',
    samples: ({ tenants }) =>
      each(tenants.all(), ({ name: tenant, latencies }) =>
        each(latencies.all, ([type, durations]) => histogram({ tenant, type }, durations)),
      ),
  },
  {
    ...{ name: 'limevisor_tenant_entries', type: 'gauge' },
    help: 'What a tenant has made, as its limits count it.',
    samples: ({ tenants }) =>
      each(tenants.all(), ({ name: tenant, account }) =>
        tableKinds.map((kind) => sample({ tenant, kind }, account.used(kind))),
      ),
  },
  {
    ...{ name: 'limevisor_tenant_entries_limit', type: 'gauge', help: 'How many it may make.' },
    samples: ({ tenants }) =>
      each(tenants.all(), ({ name: tenant, account }) =>
        tableKinds.flatMap((kind) => {
          const limit = account.limits.tables[kind];
          return limit === undefined ? [] : [sample({ tenant, kind }, limit)];
        }),
      ),
  },
];

export const ofVswitches: Rows = [
  {
    ...{ name: 'limevisor_vswitch_up', type: 'gauge', help: '1 when a vswitch serves.' },
    samples: (context) =>
      each(context.runtimes(), (one) => [
        sample(ofVswitch(one.vswitch), one.whyDown() === undefined ? 1 : 0),
      ]),
  },
  {
    ...{ name: 'limevisor_vswitch_rules', type: 'gauge', help: 'Rules of its tenant.' },
    samples: (context) =>
      each(context.runtimes(), (one) => [sample(ofVswitch(one.vswitch), one.rulebook.size)]),
  },
  {
    ...{ name: 'limevisor_vswitch_bodies', type: 'gauge', help: 'Datapaths that carry it now.' },
    samples: (context) =>
      each(context.runtimes(), (one) => [
        sample(ofVswitch(one.vswitch), one.placement.bodies.length),
      ]),
  },
  {
    ...{ name: 'limevisor_controllers_up', type: 'gauge', help: 'Controllers that are connected.' },
    samples: (context) =>
      each(context.runtimes(), (one) => {
        const up = one.controllers.filter(({ isUp }) => isUp).length;
        return [sample(ofVswitch(one.vswitch), up)];
      }),
  },
  {
    ...{ name: 'limevisor_controllers', type: 'gauge', help: 'Those that should be, and guests.' },
    samples: (context) =>
      each(context.runtimes(), (one) => [sample(ofVswitch(one.vswitch), one.controllers.length)]),
  },
  {
    ...{ name: 'limevisor_packet_ins_dropped_total', type: 'counter' },
    help: 'Not told, because controllers do not read fast enough.',
    samples: (context) =>
      each(context.runtimes(), (one) => {
        const dropped = one.controllers.reduce((sum, each) => sum + each.droppedPacketIns, 0);
        return [sample(ofVswitch(one.vswitch), dropped)];
      }),
  },
  {
    ...{ name: 'limevisor_guards', type: 'gauge' },
    help: 'Entries by which a body leads, holds or drops what enters there (it migrates).',
    samples: (context) => {
      const byName = new Map(context.datapaths().map((one) => [one.name, one]));
      return each(context.runtimes(), ({ vswitch, placement, overriding }) => {
        if (placement.bodies.length < 2) return [];
        const counts = placement.bodies.map((body) => {
          return byName.get(body)?.intent.of(ownerKey(overriding.ownerOn(body))).flows.size ?? 0;
        });
        return [
          sample(
            ofVswitch(vswitch),
            counts.reduce((sum, one) => sum + one, 0),
          ),
        ];
      });
    },
  },
];
