/**
 * Labels, statically: every one that is sent is received hop by hop, and ends where its key says.
 */

import t from 'tap';
import { fieldOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import type { Action, Instruction } from '../../openflow/values/values.ts';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { vportOfMetadata, vswitchOfMetadata } from '../../translation/entries/pipeline.ts';
import { Random } from '../openflow/random.ts';
import { clonedOn, exampleText, snapshotOf } from '../slices/networks.ts';
import { randomSnapshot } from './random-network.ts';

/** NXM_OF_ETH_DST. */
const NXM_ETH_DST = 0x0206;

/** Six bits, two that say what an address is, and sixteen; 24 more are 0. */
const labelIn = (address: bigint): number =>
  (Number(address >> 42n) << 16) + Number((address >> 24n) & 0xffffn);

/** A frame with a label of ours, in an address, on its way out of a datapath. */
interface Sent {
  readonly from: DatapathName;
  readonly port: number;
  readonly label: number;
}

const actionsIn = (instructions: readonly Instruction[]): readonly Action[] =>
  instructions.flatMap((one) => (one.type === 'applyActions' ? one.actions : []));

/** Where an action list wraps a frame and sends it. */
function wraps(from: DatapathName, actions: readonly Action[]): readonly Sent[] {
  return actions.flatMap((action) => {
    if (action.type !== 'clone') return [];
    const loads = action.actions.flatMap((one) =>
      one.type === 'load' && one.field === NXM_ETH_DST ? [one.value << BigInt(one.firstBit)] : [],
    );
    const send = action.actions.at(-1);
    if (loads.length === 0 || send?.type !== 'output') return [];
    const label = labelIn(loads.reduce((sum, one) => sum | one));
    return [{ from, port: send.port, label }];
  });
}

function sentIn(snapshot: Snapshot): readonly Sent[] {
  return [...snapshot.datapaths.keys()].flatMap((name) =>
    [...wiringOf(snapshot, name).flows.values()].flatMap((flow) =>
      wraps(name, actionsIn(flow.instructions)),
    ),
  );
}

interface Followed {
  readonly at: DatapathName;
  readonly end: readonly Instruction[];
  /** Where it left and arrived, hop by hop, as keys of ways have it. */
  readonly path: string;
}

/** The instructions at the end of the way, or what is wrong with it. */
function follow(snapshot: Snapshot, sent: Sent): Followed {
  const hops: string[] = [];
  const cables = snapshot.config.links.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]);
  let { from, port } = sent;
  for (let hop = 0; hop < snapshot.datapaths.size; hop++) {
    const to: PhysicalEnd | undefined = cables.find(
      ([end]) => end.device === from && end.port === port,
    )?.[1];
    if (to === undefined) throw new Error(`${from}:${port} has no cable`);
    hops.push(`${from}:${port}>${to.device}:${to.port}`);
    const received = [...wiringOf(snapshot, to.device).flows.values()].filter((flow) => {
      const [inPort, path] = [fieldOf(flow.match, 'in_port'), fieldOf(flow.match, 'eth_dst')];
      if (oxmNumber(fieldOf(flow.match, 'eth_type') ?? oxm('eth_type', 0)) !== 0x894fn)
        return false;
      if (flow.tableId !== 0 || inPort === undefined || path === undefined) return false;
      return oxmNumber(inPort) === BigInt(to.port) && labelIn(oxmNumber(path)) === sent.label;
    });
    const [entry, ...more] = received;
    if (more.length > 0) throw new Error(`label ${sent.label} means two things at ${to.device}`);
    if (entry === undefined) throw new Error(`label ${sent.label} is not received at ${to.device}`);
    const [first] = actionsIn(entry.instructions);
    if (first?.type !== 'output')
      return { at: to.device, end: entry.instructions, path: hops.join(' ') };
    from = to.device;
    port = first.port;
  }
  throw new Error(`label ${sent.label} from ${sent.from} never ends`);
}

/** The goal, `enter/1/2/s3` or `deliver/1/2`, from what is done at the end of a way. */
function goalOf(snapshot: Snapshot, at: DatapathName, end: readonly Instruction[]): string {
  const written = end.find((one) => one.type === 'writeMetadata');
  if (written?.type === 'writeMetadata') {
    const upper = Number(written.metadata >> 32n);
    return `enter/${vswitchOfMetadata(upper)}/${vportOfMetadata(upper)}/${at}`;
  }
  const out = actionsIn(end).find((action) => action.type === 'output');
  const port = out?.type === 'output' ? out.port : 0;
  const host = snapshot.config.hosts.find((one) => one.at.device === at && one.at.port === port);
  const id = host && snapshot.vswitches.get(host.port.device)?.id;
  return `deliver/${id}/${host?.port.port}`;
}

function check(snapshot: Snapshot): string | undefined {
  const sent = sentIn(snapshot);
  const keys = new Map([...snapshot.labels.byKey].map(([key, label]) => [label as number, key]));
  for (const one of sent) {
    const { at, end, path } = follow(snapshot, one);
    const [first, second] = actionsIn(end);
    const isUnwrapped = first?.type === 'decap' && second?.type === 'decap';
    if (!isUnwrapped) return `label ${one.label} is not taken off at ${at}`;
    const goal = goalOf(snapshot, at, end);
    const key = keys.get(one.label);
    // What another body leads there has a label of its own.
    const named = [goal, goal.replace('enter', 'lead')].map((name) => `${name}@${path}`);
    if (key === undefined || !named.includes(key))
      return `label ${one.label} of ${key} from ${one.from}: ${named[0]}`;
  }
  return undefined;
}

t.test('the example, before, during and after a migration', async (t) => {
  const before = snapshotOf(exampleText());
  t.equal(check(before), undefined);
  t.equal(check(clonedOn(before, 'red/v3', ['s3', 's4'])), undefined);
  t.equal(check(clonedOn(before, 'red/v3', ['s3', 's4'], { 1: 's4' })), undefined);
  t.equal(check(clonedOn(before, 'red/v3', ['s4'])), undefined);
  t.equal(sentIn(before).length, 8, 'each virtual link, both ways');
});

t.test('random networks', async (t) => {
  let labels = 0;
  for (let seed = 1000; seed < 1150; seed++) {
    const snapshot = randomSnapshot(new Random(seed));
    labels += sentIn(snapshot).length;
    const trouble = check(snapshot);
    if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
  }
  t.ok(labels > 1_000, `${labels} labels in 150 networks`);
});
