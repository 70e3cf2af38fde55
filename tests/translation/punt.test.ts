/**
 * How packets of a tenant with a limit of packet-ins go up: by a meter in the action, wherever that
 * stands, and in the same bytes whoever writes them; everybody else's go up as they did.
 */
import t from 'tap';
import { Writer } from '../../openflow/layout/writer.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { printActions } from '../../openflow/print/print-actions.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Instruction } from '../../openflow/values/values.ts';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
import { missFlow } from '../../translation/entries/table-miss.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { readFlowMods, writeFlowMods } from '../../translation/pipeline/flow-mod-bytes.ts';
import { viewOf } from '../openflow/hex.ts';
import { datapath, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { applying, flowMod, output, outputs, ruleOf } from '../slices/rules.ts';

const XID = 5;
const limited = snapshotOf(
  exampleText().replace('  red:\n', '  red:\n    limits: { packet-ins: 100/s burst 40 }\n'),
);
const red = vswitchOf(limited, 'red/v3');
const blue = vswitchOf(limited, 'blue/v3');
const up = output(ofpp.controller);

function shown(instructions: readonly Instruction[]): readonly string[] {
  return instructions.map((one) => ('actions' in one ? printActions(one.actions) : one.type));
}

const meterId = red.puntMeter?.id ?? Number.NaN;
const metered = `controller(meter_id=${meterId})`;

t.test('a rule', async (t) => {
  const below = (vswitch: typeof red, instructions: readonly Instruction[]) =>
    pipelineEncoding
      .encode(vswitch, ruleOf({ instructions }))
      .map((one) => shown(one.instructions));
  t.strictSame(below(red, applying(up)), [[metered]]);
  const [[both = ''] = []] = below(red, applying(up, output(2)));
  t.ok(both.startsWith(`${metered},`), `only what goes up is measured: ${both}`);
  const own = { type: 'controller', maxLen: 9, controllerId: 5, reason: 1 } as const;
  t.strictSame(below(red, applying(own)), [[metered]], 'of Open vSwitch’s own action, too');
  t.match(below(blue, applying(up))[0]?.[0], /^CONTROLLER/i, 'without a limit, as ever');
});

t.test('in bytes it is the same', async (t) => {
  const frames = [[ofpp.controller], [1, ofpp.controller], [ofpp.controller, 2], [2]].map((ports) =>
    encode(version.of13, flowMod({ instructions: outputs(...ports) })),
  );
  for (const [name, vswitch] of Object.entries({ red, blue })) {
    for (const frame of frames) {
      const [run, book] = [new RuleRun(4), new Rulebook()];
      readFlowMods(run, viewOf(frame), 0, frame.length);
      t.equal(run.count, 1);
      book.place(run, 0);
      const out = new Writer(8);
      writeFlowMods(out, run, vswitch, XID);
      const flows = book.rules().flatMap((rule) => pipelineEncoding.encode(vswitch, rule));
      const wanted = flows.map((flow) => encode(version.of13, { ...addFlow(flow), xid: XID }));
      t.strictSame(Buffer.from(out.finish()), Buffer.concat(wanted), name);
    }
  }
});

t.test('the action set’s entry, and what misses every rule', async (t) => {
  const { flows, meters } = wiringOf(limited, datapath('s3'));
  const texts = [...flows.values()].flatMap((one) => shown(one.instructions));
  t.equal(texts.filter((one) => one === metered).length, 1, 'red has one body there');
  t.strictSame(shown(missFlow(red).instructions), [metered]);
  const meter = meters.get(meterId);
  t.strictSame(meter?.bands, [{ type: 'drop', rate: 125, burstSize: 50 }], 'a quarter more');
});

t.test('the tighter of two limits counts, and the meter is the tenant’s everywhere', async (t) => {
  const both = snapshotOf(
    exampleText().replace(
      '  red:\n',
      '  red:\n    limits: { packet-ins: 100/s, to-controllers: 80/s burst 400 }\n',
    ),
  );
  const all = ['red/v1', 'red/v2', 'red/v3'].map((name) => vswitchOf(both, name).puntMeter);
  const [first] = all;
  t.same(first, { id: first?.id, perSec: 100, burst: 125 });
  t.equal(first?.id, meterId, 'a number that follows from its name');
  t.ok(all.every((one) => one?.id === first?.id));
});
