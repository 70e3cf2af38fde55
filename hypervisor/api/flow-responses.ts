/**
 * The answers about rules, as a tenant has them and as datapaths do, and about traces of packets.
 */
import Type from 'typebox';
import type { FlowsReport } from '../operator/report.ts';
import type { TraceReport } from '../operator/trace-report.ts';
import {
  closed,
  count,
  listOf,
  may,
  number,
  oneOf,
  says,
  text,
  texts,
  why,
} from './response-values.ts';
import { PortSchema } from './status-responses.ts';

const Way = closed({
  to: text('what is reached'),
  role: oneOf(['used', 'shared', 'spare', 'backup']),
  hops: listOf(
    closed({ datapath: text(), by: may(text('its port: s1:3')), packets: may(number()) }),
    'in order',
  ),
});

const OnDatapath = closed({
  ...{ datapath: text(), why: text('why it was not read'), flows: texts() },
  purposes: may(texts('what each of the flows is for')),
  rules: may(
    listOf(
      Type.Union([Type.Integer(), Type.Null()]),
      'of each of the flows, the number of the rule that it is of',
    ),
  ),
  groups: texts(),
});

export const FlowsSchema = says<FlowsReport>()(
  closed({
    ...{ vswitch: text('red/v1'), ports: listOf(PortSchema) },
    flows: texts("in ovs-ofctl's words"),
    serials: may(listOf(count(), 'the number of each')),
    ways: may(listOf(Way, 'what its ports lead to, and from there back')),
    physical: listOf(OnDatapath, 'what datapaths hold for it'),
  }),
);

const Traced = closed({
  visits: listOf(
    closed({
      ...{ where: text('red/v1, in by port 1'), packet: text() },
      lines: listOf(closed({ depth: count(), text: text() })),
    }),
  ),
  ends: listOf(
    closed({
      ...{ to: text('who gets it'), packet: text() },
      isPerhaps: Type.Boolean({ description: 'only if a hash, or a meter, wants it' }),
    }),
  ),
});

export const TraceSchema = says<TraceReport>()(
  closed({
    ...{ vswitch: text('red/v1'), virtual: Traced, physical: Traced },
    differences: texts('where these come to something else'),
    verified: may(
      listOf(
        closed({
          ...{ datapath: text(), asked: text('as for ovs-appctl'), why },
          ...{ differences: texts(), actions: text('of its fast path') },
        }),
      ),
    ),
  }),
);
