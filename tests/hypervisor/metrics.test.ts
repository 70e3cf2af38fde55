/**
 * Metrics as Prometheus reads them: names, types, labels that are escaped, histograms that add up,
 * and a bound for what a metric has lines for.
 */
import t from 'tap';
import {
  histogram,
  type Metric,
  metricPieces,
  sample,
} from '../../hypervisor/operator/metric-values.ts';
import { metrics } from '../../hypervisor/operator/metrics.ts';
import { Durations, durationBoundsMs } from '../../slices/durations.ts';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from './fake-switches.ts';

const textOf = (rows: readonly Metric<undefined>[]): string =>
  [...metricPieces(rows, undefined)].join('');

t.test('lines of the text format', async (t) => {
  const durations = new Durations();
  for (const ms of [0.2, 3, 3, 60_000]) durations.took(ms);
  const rows: readonly Metric<undefined>[] = [
    {
      ...{ name: 'a_total', type: 'counter', help: 'A.' },
      samples: () => [sample({}, 3), sample({ name: 'say "hi"\\\n' }, 0.5)],
    },
    { ...{ name: 'b', type: 'histogram', help: 'B.' }, samples: () => histogram({}, durations) },
  ];
  const lines = textOf(rows).split('\n');
  t.same(lines.slice(0, 4), [
    '# HELP a_total A.',
    '# TYPE a_total counter',
    'a_total 3',
    'a_total{name="say \\"hi\\"\\\\\\n"} 0.5',
  ]);
  t.ok(lines.includes('b_bucket{le="0.0005"} 1') && lines.includes('b_bucket{le="0.005"} 3'));
  t.ok(lines.includes('b_bucket{le="10"} 3') && lines.includes('b_bucket{le="+Inf"} 4'));
  t.ok(lines.includes('b_count 4') && lines.includes('b_sum 60.0062'));
  t.equal(durations.upTo().length, durationBoundsMs.length);
});

t.test('a metric has no more lines than its limit, and says how many are left out', async (t) => {
  const many = Array.from({ length: limits.metricLinesMax + 7 }, (_, i) =>
    sample({ i: `${i}` }, i),
  );
  const text = textOf([{ name: 'c', type: 'gauge', help: 'C.', samples: () => many }]);
  t.equal(text.match(/^c\{/gm)?.length, limits.metricLinesMax);
  t.match(text, /^limevisor_metric_lines_left_out 7$/m);
});

const file = `
datapaths: { s1: { dpid: 1 } }
tenants:
  red: { vswitches: { v1: { dpid: 0x11, on: s1 } }, hosts: { h1: { port: v1:1, at: s1:1 } } }
`;

t.test('all that there is of a network, under names that each have one', async (t) => {
  const names = metrics.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  for (const { name, type } of metrics) {
    t.match(name, /^(limevisor|dp|port|of)_[a-z_]+$/);
    t.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
  }
  const { hypervisor } = new FakeNetwork(file);
  const text = [...metricPieces(metrics, hypervisor)].join('');
  t.match(text, /^dp_status\{dp_id="0x1",dp_name="s1"\} 0$/m);
  t.match(text, /^limevisor_vswitch_up\{tenant="red",vswitch="red\/v1",vdpid="0x11"\} 0$/m);
  t.match(text, /^limevisor_messages_total\{tenant="red",direction="to-controllers",class=/m);
  t.match(text, /^limevisor_store_bytes \d+$/m);
});
