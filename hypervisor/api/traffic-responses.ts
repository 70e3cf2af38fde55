/**
 * Measured traffic: the answer of `traffic`.
 */
import type { TrafficReport } from '../operator/traffic-report.ts';
import { closed, count, listOf, may, number, says, text } from './response-values.ts';

const Point = closed({
  ...{ agoMs: number('before the answer'), lastsMs: number(), mean: number(), peak: number() },
});
/** Absent: it was not measured. */
const rates = {
  now: may(number()),
  mean: may(number()),
  peak: may(number()),
  points: may(listOf(Point)),
};
const Milliseconds = closed(rates, 'over the window, in milliseconds');
const route = { from: text(), to: text() };

export const TrafficSchema = says<TrafficReport>()(
  closed({
    windowMs: number(),
    pairs: listOf(closed({ tenant: text(), ...route, ...rates }), 'bytes a second'),
    cables: listOf(
      closed({
        ...{ ...route, ...rates, kbps: may(number('as the file says')) },
        ...{ latencyMs: may(number()), latency: may(Milliseconds) },
      }),
      'each direction; bytes a second',
    ),
    datapaths: listOf(
      closed({
        ...{ datapath: text(), ...rates, entries: may(count()) },
        ...{ answeredMs: may(number()), answered: may(Milliseconds) },
      }),
      'what comes in by all ports; bytes a second',
    ),
    leftOut: count('of more things than are kept'),
  }),
);
