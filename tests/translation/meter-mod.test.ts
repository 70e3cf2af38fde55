/**
 * Meters: what is refused, what is the same on every body, and what a rule's meter is below.
 */
import t from 'tap';
import { printMessage } from '../../openflow/print/print.ts';
import { errorName, isError, meterCommand, meterFlag } from '../../openflow/values/constants.ts';
import type { MeterBand, MeterFeatures } from '../../openflow/values/values.ts';
import { type MeterMod, MeterTable, meterIds } from '../../slices/groups-meters/meters.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import {
  changeMeter,
  commonFeatures,
  noMeters,
  refuseBandCount,
  refuseMeter,
  refuseMeterMod,
  shownMeter,
} from '../../translation/requests/meter-mod.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { applying, output, ruleOf, toController } from '../slices/rules.ts';

const { kbps, pktps, burst, stats } = meterFlag;
/** Open vSwitch's userspace datapath. */
const ovs: MeterFeatures = {
  maxMeter: 262_144,
  bandTypes: 1 << 1,
  capabilities: 15,
  maxBands: 8,
  maxColor: 0,
};
const drop: MeterBand = { type: 'drop', rate: 5, burstSize: 0 };
const remark: MeterBand = { type: 'dscpRemark', rate: 5, burstSize: 0, precLevel: 1 };

function mod(more: Partial<MeterMod> = {}): MeterMod {
  const head = { command: meterCommand.add, meterId: 1, flags: kbps, bands: [drop] };
  return { type: 'meterMod', xid: 0, ...head, ...more };
}

function refusal(one: MeterMod, can: MeterFeatures = ovs): string {
  const error = refuseMeterMod(one) ?? refuseBandCount(one, can) ?? refuseMeter(one, can);
  return error === undefined ? 'fine' : errorName(error.errorType, error.errorCode);
}

t.test('what Open vSwitch refuses', async (t) => {
  const of = (more: Partial<MeterMod>) => refusal(mod(more)).replace('meterModFailed/', '');
  t.equal(of({}), 'fine');
  t.equal(of({ flags: pktps | burst | stats }), 'fine');
  t.strictSame(
    [0, 0xffff_0001, 0xffff_ffff].map((meterId) => of({ meterId })),
    [...['invalidMeter', 'invalidMeter', 'invalidMeter']],
  );
  t.equal(of({ meterId: 0xffff_0000 }), 'fine');
  t.equal(of({ flags: stats }), 'badFlags');
  t.equal(of({ flags: kbps | 16 }), 'badFlags');
  t.equal(of({ bands: [] }), 'outOfBands');
  t.equal(of({ bands: Array(8).fill(drop) }), 'fine');
  t.equal(of({ bands: Array(9).fill(drop) }), 'outOfBands');
  t.equal(of({ bands: [{ ...drop, rate: 0 }] }), 'badRate');
  t.equal(of({ bands: [remark] }), 'badBand');
});

t.test('where there are no meters, and where bands may remark', async (t) => {
  t.equal(refusal(mod(), noMeters), 'meterModFailed/outOfMeters');
  t.equal(refusal(mod({ bands: [remark] }), { ...ovs, bandTypes: 6 }), 'fine');
});

t.test('features: what all bodies can, and the tenant’s quota', async (t) => {
  t.strictSame(commonFeatures([ovs]), { ...ovs, maxMeter: 1024 });
  const other = { maxMeter: 100, bandTypes: 6, capabilities: 3, maxBands: 2, maxColor: 1 };
  const both = { maxMeter: 100, bandTypes: 2, capabilities: 3, maxBands: 2, maxColor: 0 };
  t.strictSame(commonFeatures([ovs, other]), both);
  t.equal(commonFeatures([ovs, noMeters]).maxMeter, 0);
  t.strictSame(commonFeatures([]), noMeters);
});

const v3 = vswitchOf(snapshotOf(exampleText()), 'red/v3');

t.test('below: another number, and a burst where none was asked for', async (t) => {
  const book = new MeterTable(meterIds([41]));
  const changes = ['add', 'modify', 'delete'] as const;
  const below = changes.map((command) => {
    const change = book.apply(mod({ command: meterCommand[command], meterId: 700 }), 0);
    if (isError(change) || change[0] === undefined) throw new Error('it is refused');
    t.match(shownMeter(change[0].meter), { meterId: 700, bands: [{ rate: 5, burstSize: 5 }] });
    const [message, ...more] = changeMeter(change[0]);
    if (message === undefined) throw new Error('nothing is said below');
    t.strictSame(more, []);
    const bursts = message.type === 'meterMod' && message.bands.map(({ burstSize }) => burstSize);
    t.strictSame(bursts, command === 'delete' ? [] : [5]);
    return printMessage(message);
  });
  t.strictSame(below, [
    'meterMod xid=0x0 ADD meter=42 kbps bands= type=drop rate=5',
    'meterMod xid=0x0 MODIFY meter=42 kbps bands= type=drop rate=5',
    'meterMod xid=0x0 DELETE meter=42 bands=',
  ]);
});

t.test('a rule’s meter stays with it', async (t) => {
  const meter = { type: 'meter', meterId: 700, below: 42 } as const;
  const rule = ruleOf({ instructions: [...applying(toController, output(2)), meter] });
  const [flow] = pipelineEncoding.encode(v3, rule).map((one) => printMessage(addFlow(one)));
  t.match(flow, /actions=meter:42,CONTROLLER/);
  const unbound = ruleOf({ instructions: [{ type: 'meter', meterId: 700 }] });
  t.throws(() => pipelineEncoding.encode(v3, unbound), /meter 700 is not bound/);
});
