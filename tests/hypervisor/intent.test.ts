/**
 * A datapath's intent: contributions by owner, and the plans by which they become others.
 */

import t from 'tap';
import { oxm } from '../../openflow/match/match.ts';
import { printMessage } from '../../openflow/print/print.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { VswitchName } from '../../slices/ids.ts';
import { addFlow, type PhysicalFlow, tablesOf } from '../../translation/entries/physical-tables.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { Intent } from '../../translation/intent/intent.ts';
import type { Change } from '../../translation/intent/plans.ts';
import { outputs } from '../slices/rules.ts';

const red = 'wiring 1';
const blue = 'wiring 2';

/** An entry at a port, of red if not said, that outputs somewhere. */
function entry(port: number, to: number, id = 1): PhysicalFlow {
  const cookie = cookieOf('wiring', id, 0);
  const match = [oxm('in_port', port)];
  return { tableId: 0, priority: 1, match, instructions: outputs(to), cookie };
}

function wants(owner: string, ...flows: PhysicalFlow[]): Change {
  return { owner, vswitch: owner as VswitchName, tables: tablesOf(flows, []) };
}

const said = (messages: readonly Message[]) =>
  messages.map((one) =>
    printMessage(one).replace(/^.*?(ADD|MOD_STRICT|DEL_STRICT) table:0 priority=1,/, '$1 '),
  );
const held = (intent: Intent) =>
  [...intent.flows.entries()].map(([, flow, owner]) => {
    return `${owner} ${said([addFlow(flow)])[0]?.replace(/ cookie.*actions=/, ' ')}`;
  });

t.test('a change of one owner is that owner’s alone', async (t) => {
  const intent = new Intent();
  intent.lead([wants(red, entry(1, 7), entry(2, 7)), wants(blue, entry(3, 7, 2))]);
  t.match(said(intent.lead([wants(red, entry(1, 8))])), [
    /^MOD_STRICT in_port=1/,
    /^DEL_STRICT in_port=2/,
  ]);
  t.same(said(intent.lead([wants(red, entry(1, 8))])), [], 'nothing more');
  t.equal(intent.flows.size, 2);
});

t.test('of two owners of one place the last one has it, then the other again', async (t) => {
  const intent = new Intent();
  intent.lead([wants(red, entry(1, 7))]);
  t.match(said(intent.lead([wants(blue, entry(1, 8, 2))])), [/^ADD in_port=1.*output:8/]);
  t.match(said(intent.lead([wants(blue)])), [/^ADD in_port=1.*output:7/]);
  intent.lead([wants(blue, entry(1, 8, 2))]);
  t.same(said(intent.lead([wants(red)])), [], 'red did not have it');
  t.match(said(intent.lead([wants(blue)])), [/^DEL_STRICT in_port=1/], 'nobody wants it');
  t.equal(intent.flows.size, 0);
});

t.test('a plan is carried out a part at a time, and the intent with it', async (t) => {
  const intent = new Intent();
  intent.lead([wants(red, entry(1, 7), entry(2, 7))]);
  const plan = intent.plan([wants(red, entry(1, 8), entry(3, 8))]);
  t.equal(intent.flows.size, 2, 'a plan changes nothing');
  t.match(said(intent.advance(plan, 'make')), [/^ADD in_port=3/]);
  t.match(said(intent.advance(plan, 'change')), [/^MOD_STRICT in_port=1/]);
  t.equal(intent.flows.size, 3);
  intent.end(plan);
  t.same(intent.unfinished(), [red], 'something is to go');
  t.match(said(intent.lead([wants(red, entry(1, 8), entry(3, 8))])), [/^DEL_STRICT in_port=2/]);
  t.same(intent.unfinished(), []);
});

t.test('what is planned later counts on what is planned already', async (t) => {
  const intent = new Intent();
  intent.lead([wants(red, entry(1, 7))]);
  const first = intent.plan([wants(red, entry(1, 8))]);
  const second = intent.plan([wants(red, entry(1, 8), entry(2, 8))]);
  t.notOk(second.has('change'), 'that is the first one’s');
  t.match(said(intent.advance(second, 'make')), [/^ADD in_port=2/]);
  t.match(said(intent.advance(first, 'change')), [/^MOD_STRICT in_port=1/]);
});

t.test('what a plan under way leaves is there for a later one to take away', async (t) => {
  const intent = new Intent();
  intent.lead([wants(red, entry(1, 7), entry(2, 7))]);
  const first = intent.plan([wants(red, entry(1, 7))], ['make', 'change']);
  const second = intent.plan([wants(red, entry(1, 7))]);
  intent.end(first);
  t.match(said(intent.advance(second, 'break')), [/^DEL_STRICT in_port=2/]);
});

t.test(
  'what a plan has left is there, whatever another ends that knew nothing of it',
  async (t) => {
    const intent = new Intent();
    const was = wants(red, entry(1, 7), entry(2, 7));
    intent.lead([was]);
    const whole = intent.plan([wants(red, entry(1, 7), entry(2, 7), entry(4, 7))]);
    // From one configuration to another: only what differs.
    const next = wants(red, entry(1, 8), entry(2, 7), entry(4, 7));
    const between = intent.plan([{ ...next, before: whole.of(red)?.tables ?? was.tables }]);
    const wired = intent.plan([wants(red, entry(1, 8))], ['make', 'change']);
    intent.end(wired);
    for (const plan of [between, whole]) {
      for (const phase of plan.phases) intent.advance(plan, phase);
      intent.end(plan);
      t.same(intent.unfinished(), [red], 'entries 2 and 4 are to go yet');
    }
    t.match(said(intent.lead([wants(red, entry(1, 8))])), [/^DEL.* in_port=2/, /^DEL.* in_port=4/]);
    t.same(intent.unfinished(), []);
  },
);

t.test('the word of the later plan is the last one', async (t) => {
  const intent = new Intent();
  intent.lead([wants(red, entry(1, 7))]);
  const slow = intent.plan([wants(red, entry(1, 8), entry(2, 8))]);
  intent.advance(slow, 'make');
  t.match(said(intent.lead([wants(red, entry(1, 9))])), [
    /in_port=1.*output:9/,
    /^DEL.* in_port=2/,
  ]);
  t.same(said(intent.advance(slow, 'change')), [], 'it would have led it to 8');
  intent.end(slow);
  t.match(held(intent), [/in_port=1.*9/]);
});

t.test('what an owner wants no more goes, whoever has got its place meanwhile', async (t) => {
  const intent = new Intent();
  intent.lead([wants(red, entry(1, 7))]);
  const slow = intent.plan([wants(red)]);
  const made = intent.plan([wants(blue, entry(1, 8, 2))]);
  intent.advance(made, 'make');
  t.same(said(intent.advance(slow, 'break')), [], 'it is the other one’s by now');
  t.match(held(intent), [/^wiring 2 .*in_port=1.*8/]);
  intent.end(slow);
  intent.end(made);
  t.match(said(intent.lead([wants(blue)])), [/^DEL_STRICT in_port=1/], 'nobody wants it');
  t.equal(intent.flows.size, 0);
});

t.test(
  'what is made later than another’s, and was planned before, is not the last word',
  async (t) => {
    const intent = new Intent();
    const slow = intent.plan([wants(red, entry(1, 7))]);
    intent.lead([wants(blue, entry(1, 8, 2))]);
    t.same(said(intent.advance(slow, 'make')), []);
    t.match(held(intent), [/^wiring 2 .*in_port=1.*8/]);
  },
);

t.test('what was refused is asked for again, and what refused to go, too', async (t) => {
  const intent = new Intent();
  const [add] = intent.lead([wants(red, entry(1, 7), entry(2, 7))]);
  if (add !== undefined) intent.refused(add);
  t.equal(intent.flows.size, 1);
  t.same(intent.unfinished(), [red]);
  t.match(said(intent.lead([wants(red, entry(1, 7), entry(2, 7))])), [/^ADD in_port=1/]);
  const [change] = intent.lead([wants(red, entry(1, 8), entry(2, 7))]);
  if (change !== undefined) intent.refused(change);
  t.match(said(intent.lead([wants(red, entry(1, 8), entry(2, 7))])), [/^ADD in_port=1/]);
  const [gone] = intent.lead([wants(red, entry(2, 7))]);
  if (gone !== undefined) intent.refused(gone);
  t.match(said(intent.lead([wants(red, entry(2, 7))])), [/^DEL_STRICT in_port=1/]);
});

t.test('a refusal that is overtaken changes nothing', async (t) => {
  const intent = new Intent();
  const [add] = intent.lead([wants(red, entry(1, 7))]);
  intent.lead([wants(red, entry(1, 8))]);
  if (add !== undefined) intent.refused(add);
  t.match(held(intent), [/output:8/]);
});

t.test('an intent that was made anew forgets the plans of before', async (t) => {
  const intent = new Intent();
  const plan = intent.plan([wants(red, entry(1, 7))]);
  intent.clear();
  t.same(said(intent.advance(plan, 'make')), []);
});
