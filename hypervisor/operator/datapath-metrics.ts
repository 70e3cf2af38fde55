/**
 * Metrics of datapaths and cables (metrics.ts).
 */
import { versionName } from '../../openflow/messages/negotiation.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { type LinksReported, linkReports } from './link-report.ts';
import { each, histogram, type Labels, type Metric, sample } from './metric-values.ts';

export interface DatapathMetricSources extends LinksReported {
  datapaths(): readonly Datapath[];
}

function ofDatapath({ name, config }: Datapath): Labels {
  return { dp_id: `0x${config.dpid.toString(16)}`, dp_name: name };
}

export const ofDatapaths: readonly Metric<DatapathMetricSources>[] = [
  {
    ...{ name: 'dp_status', type: 'gauge', help: '1 when the datapath is ready.' },
    samples: (context) =>
      each(context.datapaths(), (one) => [sample(ofDatapath(one), one.isReady ? 1 : 0)]),
  },
  {
    ...{ name: 'of_dp_connections_total', type: 'counter', help: 'Connections of datapaths.' },
    samples: (context) =>
      each(context.datapaths(), (one) => [sample(ofDatapath(one), one.writer.counts.connections)]),
  },
  {
    ...{ name: 'of_dp_disconnections_total', type: 'counter', help: 'Connections that ended.' },
    samples: (context) =>
      each(context.datapaths(), (one) => [sample(ofDatapath(one), one.writer.counts.losses)]),
  },
  {
    ...{ name: 'of_packet_ins_total', type: 'counter', help: 'Packets that datapaths sent up.' },
    samples: (context) =>
      each(context.datapaths(), (one) => [sample(ofDatapath(one), one.writer.counts.packetIns)]),
  },
  {
    ...{ name: 'of_errors_total', type: 'counter', help: 'Errors that datapaths answered.' },
    samples: (context) =>
      each(context.datapaths(), (one) => [sample(ofDatapath(one), one.writer.counts.errors)]),
  },
  {
    ...{ name: 'of_flowmsgs_sent_total', type: 'counter' },
    help: 'Flow-mods, group-mods and meter-mods to datapaths, by what they follow from.',
    samples: (context) =>
      each(context.datapaths(), (one) =>
        Object.entries(one.writer.sent).map(([source, count]) =>
          sample({ ...ofDatapath(one), source }, count),
        ),
      ),
  },
  {
    ...{ name: 'of_dp_desc_stats', type: 'gauge', help: '1 for what a datapath is and speaks.' },
    samples: (context) =>
      each(context.datapaths(), (one) => {
        const openflow = one.channel === undefined ? '' : versionName(one.version);
        return [sample({ ...ofDatapath(one), openflow }, 1)];
      }),
  },
  {
    ...{
      name: 'port_status',
      type: 'gauge',
      help: '1 when frames pass a port that the file names.',
    },
    samples: (context) =>
      each(context.datapaths(), (one) =>
        [...one.ports].map(([port, isUp]) =>
          sample({ ...ofDatapath(one), port: String(port) }, isUp && one.isReady ? 1 : 0),
        ),
      ),
  },
  {
    ...{ name: 'limevisor_datapath_entries', type: 'gauge' },
    help: 'Entries of ours, without the rules of tenants.',
    samples: (context) =>
      each(context.datapaths(), (one) => [sample(ofDatapath(one), one.intent.flows.size)]),
  },
  {
    ...{ name: 'limevisor_acknowledgement_seconds', type: 'histogram' },
    help: 'From sending to when it counts as done: a barrier, or also cached flows.',
    samples: (context) =>
      each(context.datapaths(), (one) =>
        each(one.writer.counts.acknowledged.all, ([level, durations]) =>
          histogram({ ...ofDatapath(one), level }, durations),
        ),
      ),
  },
  {
    ...{ name: 'limevisor_link_up', type: 'gauge', help: '1 when a cable of the file works.' },
    samples: (context) =>
      each(linkReports(context), ({ ends: [a, b], state }) => [
        sample({ a, b }, state === 'up' || state === 'unverified' ? 1 : 0),
      ]),
  },
];
