/**
 * A round's steps: guard, primary, others, unguard (LIME 4.1); and when no guard is needed.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match.ts';
import { printMessage } from '../../openflow/print.ts';
import type { Match } from '../../openflow/values.ts';
import type { Vport } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { Rulebook, type RuleChange } from '../../slices/rulebook.ts';
import { freezeFlow, PipelineBody } from '../../translation/pipeline-body.ts';
import { planRound, type Step } from '../../translation/round.ts';
import { clonedOn, exampleText, snapshotOf, vport, vswitchOf } from '../slices/networks.ts';
import { change, flowMod, outputs } from '../slices/rules.ts';

const single = snapshotOf(exampleText());
const cloned = clonedOn(single, 'red/v3', ['s3', 's4'], { 1: 's4' });
const v3 = vswitchOf(single, 'red/v3');

interface Given {
  readonly unsettled?: readonly Vport[];
  readonly guard?: 'redirect' | 'off';
  readonly snapshot?: typeof single;
  readonly together?: 'no' | 'begins' | 'yes';
}

function steps(changes: readonly RuleChange[], given: Given = {}): readonly Step[] {
  const { unsettled = [], guard = 'redirect', snapshot = cloned, together = 'no' } = given;
  return planRound(snapshot, v3, changes, {
    guard,
    together,
    unsettled: new Set(unsettled),
    bodyOn: (datapath) => new PipelineBody(snapshot, v3, { datapath, isLive: () => true }),
  });
}

const add = (match: Match, priority = 100): RuleChange =>
  change(new Rulebook(), flowMod({ match, priority, instructions: outputs(2) }));
const anything = matchOf(oxm('eth_dst', 1));
const byPort = (number: number) => matchOf(oxm('in_port', number));

/** `guard s4:2 full` and so on: the name, how many messages to whom, the acknowledgement. */
const outline = (all: readonly Step[]) =>
  all.map((step) => {
    const sends = [...step.sends].map(
      ([body, messages]) => `${body}:${[...messages(new Set())].length}`,
    );
    return [step.name, ...sends, step.ack].join(' ');
  });

const printed = (step: Step | undefined) =>
  [...(step?.sends.values() ?? [])]
    .flatMap((make) => [...make(new Set())])
    .map(({ message }) => printMessage(message));

t.test('one body: sent, and that is all', async (t) => {
  t.match(outline(steps([add(anything)], { snapshot: single })), [/^apply s3:1 (none|barrier)$/]);
});

t.test('two bodies that have to be together: the guards of everything stay', async (t) => {
  const atOnce = steps([add(byPort(1))], { together: 'begins' });
  t.match(outline(atOnce), ['guard s4:2 full', 'primary s3:1 full', 'others s4:1 full']);
  t.match(printed(atOnce[0]), [/metadata=0x300010{8}\/0xf{8}0{8} /, /metadata=0x300020{8}\//]);
  t.match(outline(steps([add(anything)], { together: 'yes' })), ['apply s3:1 s4:1 barrier']);
});

t.test('two bodies: guard, primary, others, unguard', async (t) => {
  const round = steps([add(anything)]);
  t.strictSame(outline(round), [
    'guard s4:2 full',
    'primary s3:1 full',
    'others s4:1 full',
    'unguard s4:1 barrier',
  ]);
  t.strictSame(printed(round[0]), [
    'flowMod xid=0x0 ADD table:1 priority=100,metadata=0x3000100000000/0xffffffff00000000,' +
      'dl_dst=00:00:00:00:00:01 cookie:0x4c03000300000000 reset_counts ' +
      'actions=set_field:0->in_port,push_vlan:0x88a8,set_field:4099->vlan_vid,output:1',
    'flowMod xid=0x0 ADD table:1 priority=100,metadata=0x3000200000000/0xffffffff00000000,' +
      'dl_dst=00:00:00:00:00:01 cookie:0x4c03000300000000 reset_counts ' +
      'actions=set_field:0->in_port,push_vlan:0x88a8,set_field:4100->vlan_vid,output:1',
  ]);
  t.strictSame(printed(round[3]), [
    'flowMod xid=0x0 DEL table:1 priority=0 cookie:0x4c03000300000000/0xffffffff00000000 ' +
      'actions=drop',
  ]);
  t.strictSame(printed(round[1]), printed(round[2]), 'the same bytes on every body');
});

t.test('the primary and the others get the same changes, in the order of the batch', async (t) => {
  const changes = [add(anything, 1), add(anything, 2), add(byPort(1), 3)];
  const [, primary, others] = steps(changes);
  const order = (step: Step | undefined) =>
    [...(step?.sends.values() ?? [])].map((make) => [...make(new Set())].map((one) => one.change));
  t.strictSame([order(primary), order(others)], [[[0, 1, 2]], [[0, 1, 2]]]);
});

t.test('three bodies: each but the primary is guarded and changed', async (t) => {
  const snapshot = clonedOn(single, 'red/v3', ['s3', 's4', 's1']);
  t.strictSame(outline(steps([add(anything)], { snapshot })), [
    'guard s4:2 s1:2 full',
    'primary s3:1 full',
    'others s4:1 s1:1 full',
    'unguard s4:1 s1:1 barrier',
  ]);
});

t.test('a rule of one settled port needs no guard: one body only can hit it', async (t) => {
  t.strictSame(outline(steps([add(byPort(1)), add(byPort(2), 2)])), ['apply s3:2 s4:2 barrier']);
});

t.test('but it does while frames may be on the way to the port’s old home', async (t) => {
  const round = steps([add(byPort(1))], { unsettled: [vport(1)] });
  t.strictSame(outline(round), [
    'guard s4:1 full',
    'primary s3:1 full',
    'others s4:1 full',
    'unguard s4:1 barrier',
  ]);
  t.match(printed(round[0])[0], /metadata=0x3000100000000\/0xffffffff00000000 cookie/);
  t.equal(outline(steps([add(byPort(2))], { unsettled: [vport(1)] })).length, 1, 'not of others');
});

t.test('a rule of a port that the vswitch does not have is hit by nobody known', async (t) => {
  t.equal(steps([add(byPort(77))])[0]?.name, 'guard');
});

t.test('in a batch only what needs it is guarded', async (t) => {
  const [guard] = steps([add(byPort(1)), add(anything)]);
  t.equal(printed(guard).length, 2);
  t.ok(printed(guard).every((line) => line.includes('dl_dst=00:00:00:00:00:01')));
});

t.test('more matches than the limit: the whole vswitch is guarded', async (t) => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => add(matchOf(oxm('eth_dst', i + 1))));
  t.equal(printed(steps(many(limits.guardMatchesMax))[0]).length, 2 * limits.guardMatchesMax);
  const all = printed(steps(many(limits.guardMatchesMax + 1))[0]);
  t.equal(all.length, 2);
  t.ok(all.every((line) => !line.includes('dl_dst')));
});

t.test('every guard lies within its rule’s match, and covers it on each vport', async (t) => {
  const match = matchOf(oxm('eth_type', 0x800), oxm('ip_proto', 6), oxm('tcp_dst', 80));
  const lines = printed(steps([add(match)])[0]);
  t.equal(lines.length, v3.ports.size);
  t.ok(lines.every((line) => line.includes('tcp,') && line.includes('tp_dst=80')));
});

t.test('a removal and a modify are guarded like an add', async (t) => {
  const book = new Rulebook();
  change(book, flowMod({ match: anything }));
  const modified = change(book, flowMod({ match: anything, command: 2, instructions: outputs(1) }));
  const removed = change(book, flowMod({ command: 3 }));
  for (const one of [modified, removed]) t.equal(steps([one])[0]?.name, 'guard');
  t.match(printed(steps([modified])[1])[0], / MOD_STRICT table:2 /);
  t.match(printed(steps([removed])[1])[0], / DEL_STRICT table:2 /);
});

t.test('reset_counts of an add or a modify reaches the datapath', async (t) => {
  const book = new Rulebook();
  change(book, flowMod({ match: anything }));
  const again = change(book, flowMod({ match: anything, flags: 4 }));
  const modified = change(book, flowMod({ match: anything, flags: 4, command: 2 }));
  t.match(printed(steps([modified])[1])[0], /reset_counts/, 'modify');
  t.match(printed(steps([again])[1])[0], /reset_counts/, 'an add that replaces');
});

t.test('without a guard (the canary) there is one step', async (t) => {
  t.strictSame(outline(steps([add(anything)], { guard: 'off' })), ['apply s3:1 s4:1 barrier']);
});

t.test('a freeze drops above every guard, and only its vswitch', async (t) => {
  const { priority, tableId, match, instructions } = freezeFlow(v3);
  t.strictSame([tableId, instructions, priority > 100], [1, [], true]);
  t.strictSame(match, matchOf(oxm('metadata', 0x0003_0000_0000_0000n, 0xffff_0000_0000_0000n)));
});

t.test(
  'a rule of a later table may be met by anything: the guard is the whole vswitch',
  async (t) => {
    const later = (match: Match) =>
      change(new Rulebook(), flowMod({ tableId: 2, match, instructions: outputs(2) }));
    const [guard] = steps([later(anything)]);
    t.match(printed(guard), [
      /table:1 priority=100,metadata=0x3000100000000\/0xffffffff00000000 /,
      /./,
    ]);
    t.strictSame(
      outline(steps([later(byPort(1))])),
      ['apply s3:1 s4:1 barrier'],
      'but for its port',
    );
    const written = matchOf(oxm('metadata', 5), oxm('eth_dst', 1));
    const [first] = steps([add(written)]);
    t.match(printed(first), [
      /metadata=0x3000100000000\/0xffffffff00000000,dl_dst=00:00:00:00:00:01 /,
      /./,
    ]);
  },
);
