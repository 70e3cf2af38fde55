/**
 * How changes of rules are sent to the bodies; and what a freeze is above of.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { printInstructions, printMessage } from '../../openflow/print/print.ts';
import type { Match } from '../../openflow/values/values.ts';
import { placementOf } from '../../slices/network/snapshot.ts';
import { Rulebook, type RuleChange } from '../../slices/rules/rulebook.ts';
import { planRound, type Round } from '../../translation/changes/round.ts';
import { PipelineBody } from '../../translation/datapath/pipeline-body.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { lossProbeSource } from '../../translation/wiring/loss-probe.ts';
import {
  noOverrides,
  type Overrides,
  overridingFlows,
} from '../../translation/wiring/overrides.ts';
import { clonedOn, datapath, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { change, flowMod, outputs } from '../slices/rules.ts';

const single = snapshotOf(exampleText());
const cloned = clonedOn(single, 'red/v3', ['s3', 's4'], { 1: 's4' });
const v3 = vswitchOf(single, 'red/v3');

const bodyOn = (datapath: ReturnType<typeof primaryOf>) =>
  new PipelineBody(v3, { datapath, isLive: () => true });
const primaryOf = (snapshot: typeof single) => placementOf(snapshot, v3.name).primary;

/** What overrides its rules on a datapath. */
function overriding(on: string, overrides: Partial<Overrides>) {
  return overridingFlows(cloned, v3, datapath(on), { ...noOverrides, ...overrides });
}

const added = (on: string, overrides: Partial<Overrides>) =>
  overriding(on, overrides).map((flow) => printMessage(addFlow(flow)));

function round(changes: readonly RuleChange[], snapshot = cloned): Round {
  return planRound(placementOf(snapshot, v3.name).bodies, changes, bodyOn);
}

const add = (match: Match, priority = 100): RuleChange =>
  change(new Rulebook(), flowMod({ match, priority, instructions: outputs(2) }));
const anything = matchOf(oxm('eth_dst', 1));
const byPort = (number: number) => matchOf(oxm('in_port', number));

/** `s4:2` and so on: how many messages to whom. */
const outline = (all: Round, refused = new Set<number>()) =>
  [...all].map(([on, make]) => `${on}:${[...make(refused)].length}`);

const printed = (all: Round) =>
  [...all.values()]
    .flatMap((make) => [...make(new Set())])
    .map(({ message }) => printMessage(message));

t.test('every body gets every change, at once, in the order of the batch', async (t) => {
  const changes = [add(anything, 1), add(anything, 2), add(byPort(1), 3)];
  t.strictSame(outline(round(changes, single)), ['s3:3']);
  t.strictSame(outline(round(changes)), ['s3:3', 's4:3']);
  t.strictSame(outline(round(changes), new Set([1])), ['s3:2', 's4:2'], 'but what was refused');
  const order = [...round(changes).values()].map((make) =>
    [...make(new Set())].map((one) => one.change),
  );
  t.strictSame(order, [
    [0, 1, 2],
    [0, 1, 2],
  ]);
  t.equal(new Set(printed(round([add(anything)]))).size, 1, 'the same bytes on every body');
});

t.test('reset_counts of an add or a modify reaches the datapath', async (t) => {
  const book = new Rulebook();
  change(book, flowMod({ match: anything }));
  const again = change(book, flowMod({ match: anything, flags: 4 }));
  const modified = change(book, flowMod({ match: anything, flags: 4, command: 2 }));
  t.match(printed(round([modified]))[0], /reset_counts/, 'modify');
  t.match(printed(round([again]))[0], /reset_counts/, 'an add that replaces');
});

t.test('loss probes come up below a freeze, and are led or dropped as packets are', async (t) => {
  const probe = lossProbeSource(0.5);
  const cookies = (on: string, overrides: Partial<Overrides>) =>
    overriding(on, { probe, ...overrides })
      .toSorted((a, b) => b.priority - a.priority)
      .map(({ cookie }) => readCookie(cookie)?.kind);
  t.strictSame(cookies('s4', {}), ['lossProbe']);
  const diverts = [anything];
  t.strictSame(cookies('s4', { isFrozen: true, diverts }), ['freeze', 'lossProbe', 'divert']);
  const ports = v3.ports.size;
  const led = cookies('s3', { leadsTo: datapath('s4') });
  t.strictSame(led, [...Array(ports + 1).fill('lossProbe'), ...Array(ports).fill('guard')]);
  const [own, guard] = [
    added('s3', { probe, leadsTo: datapath('s4') }),
    added('s3', { leadsTo: datapath('s4') }),
  ];
  const actionsOf = (text = '') => text.split('actions=')[1];
  t.equal(actionsOf(own[ports + 1]), actionsOf(guard[0]), 'by the same way');
  const dropped = overriding('s3', { probe, leadsTo: datapath('s4'), drops: true });
  t.equal(dropped.filter(({ priority }) => priority === 170).length, ports);
});

t.test('a guard leads everything that enters to the primary, vport by vport', async (t) => {
  const { primary } = placementOf(cloned, v3.name);
  t.match(added('s4', { leadsTo: primary }), [
    /ADD table:1 priority=100,metadata=0x300010{8}\/0xf{8}0{8} .*->reg5,resubmit\(,252\)$/,
    /ADD table:1 priority=100,metadata=0x300020{8}\/0xf{8}0{8} .*->reg5,resubmit\(,252\)$/,
  ]);
});

t.test('what is held comes up, above every guard, and is told from other packet-ins', async (t) => {
  const region = matchOf(oxm('in_port', 2), oxm('eth_type', 0x806));
  t.match(added('s3', { diverts: [region, []] }), [
    /table:1 priority=150,arp,metadata=0x300020{8}\/0xf{8}0{8} cookie:0x4c080003.*CONTROLLER:65535/,
    /table:1 priority=150,metadata=0x30{12}\/0xffff0{12} cookie:0x4c080003.*CONTROLLER:65535/,
  ]);
});

t.test('a freeze drops above every guard, and only its vswitch', async (t) => {
  const [flow, ...others] = overriding('s3', { isFrozen: true });
  if (flow === undefined) throw new Error('there is an entry');
  const { priority, tableId, match, instructions } = flow;
  t.strictSame([tableId, priority > 100, others], [1, true, []]);
  t.equal(printInstructions(instructions), 'move:pkt_mark[4]->reg13[0]', 'but for a look, a drop');
  t.strictSame(match, matchOf(oxm('metadata', 0x0003_0000_0000_0000n, 0xffff_0000_0000_0000n)));
});
