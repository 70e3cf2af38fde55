/**
 * The meter of packet-ins: buckets, bands and counts, by a clock that is told.
 */
import t from 'tap';
import { meterCommand, meterFlag, meter as ofpm } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import { MeterTable, meterIds } from '../../slices/groups-meters/meters.ts';
import { PacketInMeter } from '../../slices/groups-meters/packet-in-meter.ts';
import { counted } from '../../slices/rules/rule-counters.ts';

type Band = readonly [rate: number, burstSize: number];

function meterOf(flags: number, ...all: readonly Band[]): PacketInMeter {
  const book = new MeterTable(meterIds());
  const bands = all.map(([rate, burstSize]) => ({ type: 'drop', rate, burstSize }) as const);
  const head = { type: 'meterMod', xid: 0, command: meterCommand.add, flags, bands } as const;
  const changes = book.apply({ ...head, meterId: ofpm.controller }, 0);
  if (isError(changes) || changes[0] === undefined) throw new Error('it is refused');
  return new PacketInMeter(changes[0].meter, 0);
}

t.test('packets a second: a burst, then the rate', async (t) => {
  const meter = meterOf(meterFlag.pktps, [10, 3]);
  const at = (nowMs: number) => meter.passes(60, nowMs);
  t.strictSame([at(0), at(0), at(0), at(0)], [true, true, true, false]);
  t.strictSame([at(99), at(100), at(100)], [false, true, false]);
  t.strictSame([at(10_000), at(10_000), at(10_000), at(10_000)], [true, true, true, false]);
  t.strictSame(counted(meter.meter.counter), { packetCount: 11n, byteCount: 660n });
  t.strictSame(meter.meter.counters.map(counted), [{ packetCount: 4n, byteCount: 240n }]);
});

t.test('kilobits a second: what is too large for the burst never passes', async (t) => {
  const meter = meterOf(meterFlag.kbps, [1, 0]);
  t.strictSame(
    [meter.passes(126, 0), meter.passes(125, 0), meter.passes(1, 0)],
    [false, true, false],
  );
  t.ok(meter.passes(1, 8), 'eight bits in eight milliseconds');
  t.notOk(meter.passes(126, 1_000_000));
});

t.test('of several bands the highest rate that is exceeded acts', async (t) => {
  const meter = meterOf(meterFlag.pktps, [1, 1], [5, 2]);
  t.strictSame(
    [0, 0, 0].map((now) => meter.passes(9, now)),
    [true, false, false],
  );
  const packets = meter.meter.counters.map((one) => one.total().packets);
  t.strictSame(packets, [1n, 1n]);
});

t.test('a clock that goes back fills nothing', async (t) => {
  const meter = meterOf(meterFlag.pktps, [1, 1]);
  t.strictSame([meter.passes(9, 5_000), meter.passes(9, 10)], [true, false]);
});
