/**
 * Flow-mods that stay bytes become what the values would make of them, below and in the rulebook,
 * or are left to the values.
 */

import t from 'tap';
import { Writer } from '../../openflow/layout/writer.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import { isError, version } from '../../openflow/values/constants.ts';
import type { FlowMod, Match } from '../../openflow/values/values.ts';
import type { AddedRule } from '../../slices/rules/rule-change.ts';
import { placedOf, RuleRun } from '../../slices/rules/rule-run.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import {
  plainFlowMod,
  readFlowMods,
  writeFlowMods,
} from '../../translation/pipeline/flow-mod-bytes.ts';
import { refuseFlowMod } from '../../translation/requests/flow-mod.ts';
import { viewOf } from '../openflow/hex.ts';
import { Random, randomInstructions, randomMatch } from '../openflow/random.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { flowMod, outputs, plainRules } from '../slices/rules.ts';

const v3 = vswitchOf(snapshotOf(exampleText()), 'red/v3');
const XID = 77;

/** A rulebook that is told everything in bytes, and one that is told everything in values. */
class Both {
  readonly bytes = new Rulebook();
  readonly values = new Rulebook();
  plain = 0;

  alike = 0;

  /** What is different, or undefined, when these came together. */
  say(frames: readonly Uint8Array[], nowMs: number): string | undefined {
    const all = Uint8Array.from(Buffer.concat(frames));
    const dv = viewOf(all);
    for (let at = 0; at < all.length; ) {
      const run = new RuleRun(4);
      readFlowMods(run, dv, at, all.length);
      const wrong = run.count === 0 ? this.#one(dv, at, nowMs) : this.#some(run, nowMs);
      if (wrong !== undefined) return wrong;
      at += run.count === 0 ? lengthAt(dv, at) : run.size;
    }
    return undefined;
  }

  /** One that does not stay bytes. */
  #one(dv: DataView, at: number, nowMs: number): string | undefined {
    const mod = decode(version.of13, dv, at, lengthAt(dv, at));
    if (isError(mod) || refuseFlowMod(mod as FlowMod) !== undefined) return undefined;
    for (const book of [this.bytes, this.values]) book.apply(mod as FlowMod, nowMs);
    return undefined;
  }

  #some(run: RuleRun, nowMs: number): string | undefined {
    this.plain += run.count;
    if (this.bytes.place(run, nowMs) !== run.count) return 'a rulebook refuses it';
    const wanted: Uint8Array[] = [];
    for (let i = 0; i < run.count; i++) {
      this.alike += run.isAlike[i] ?? 0;
      const at = run.at[i] ?? 0;
      const mod = decode(version.of13, run.dv, at, lengthAt(run.dv, at));
      const refused = isError(mod) ? mod : refuseFlowMod(mod as FlowMod);
      if (refused !== undefined) return `the values refuse it: ${refused.why}`;
      const below = this.#below(mod as FlowMod, placedOf(run, i), XID + i, nowMs);
      if (typeof below === 'string') return below;
      wanted.push(below);
    }
    const out = new Writer(8);
    out.put(Uint8Array.of(1, 2, 3));
    writeFlowMods(out, run, v3, XID);
    const made = out.finish().slice(3);
    const same = Buffer.concat(wanted);
    return Buffer.compare(made, same) === 0 ? undefined : `${hex(made)} not ${hex(same)}`;
  }

  /** What goes down by the values. */
  #below(said: FlowMod, placed: AddedRule, xid: number, nowMs: number): Uint8Array | string {
    const changes = this.values.apply(said, nowMs);
    if (isError(changes)) return 'the values refuse it';
    const [change] = changes;
    if (change?.type !== 'add' || change.resets !== placed.resets) return 'not the same change';
    if ((change.replaced?.serial ?? 0) !== placed.replaced) return 'replaces another';
    if (change.rule.serial !== placed.serial) return 'another serial';
    const [flow] = pipelineEncoding.encode(v3, change.rule);
    return flow ? encode(version.of13, { ...addFlow(flow, change.resets), xid }) : 'no entry';
  }
}

const lengthAt = (dv: DataView, at: number) => header.get.length(dv, at);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const instructionsBytes = ({ instructions }: FlowMod) => (instructions.length === 0 ? 0 : 24);

function randomPlainMatch(random: Random): Match {
  const some = <T>(one: T): T[] => (random.number(2) === 0 ? [one] : []);
  const type = random.pick([0x800, 0x806, 0x86dd, 0x1234]);
  const proto = random.pick([6, 17, 1]);
  const isIp = type === 0x800 && random.number(2) === 0;
  return matchOf(
    ...some(oxm('in_port', random.pick([0, 1, 2, 0xfeff, 0xfffffffe]))),
    ...some(oxm('eth_dst', random.number(4), random.pick([undefined, 1, 3, 0xffffffffffff]))),
    ...some(oxm('eth_src', random.number(4))),
    oxm('eth_type', type),
    ...some(oxm('vlan_vid', random.pick([0, 0x1001, 0x1fff]))),
    ...(isIp ? [oxm('ip_proto', proto), oxm('ipv4_dst', `10.0.${random.number(4)}.0/24`)] : []),
    ...(isIp && proto === 6 ? some(oxm('tcp_dst', random.number(4))) : []),
    ...(isIp && proto === 17 ? some(oxm('udp_src', random.number(4), 0xf0f0)) : []),
  );
}

function randomFrame(random: Random): Uint8Array {
  const isOdd = random.number(8) === 0;
  const reserved = [0xfffffff8, 0xfffffff9, 0xfffffffa, 0xfffffffb, 0xfffffffc, 0xfffffffd];
  const port = () => (random.number(4) === 0 ? random.pick(reserved) : random.number(0xff05));
  const plain = () => outputs(...random.some(3, port));
  return encode(
    version.of13,
    flowMod({
      xid: random.number(1000),
      tableId: random.pick([0, 0, 0, 1, 239, 240]),
      priority: random.pick([0, 1, 0xffff, random.number(0x10000)]),
      cookie: BigInt(random.number(0x7fffffff)) << 20n,
      flags: random.pick([0, 0, 1, 4, 5, 8, 16, 29, 2, 32]),
      idleTimeoutSec: random.number(3),
      hardTimeoutSec: random.number(3),
      command: random.pick([0, 0, 0, 0, 0, 1, 2, 3]),
      outPort: random.pick([0, 5, 0xff00, 0xffffffff]),
      match: isOdd ? randomMatch(random) : randomPlainMatch(random),
      instructions: random.pick([[], plain(), plain(), randomInstructions(random)]),
    }),
  );
}

t.test('whatever stays bytes is what the values would have made of it', async (t) => {
  const random = new Random(31);
  let plain = 0;
  for (let round = 0; round < 60; round++) {
    const both = new Both();
    for (let i = 0; i < 200; i++) {
      const wrong = both.say([randomFrame(random)], i);
      if (wrong !== undefined) t.fail(`round ${round}, ${i}: ${wrong}`);
    }
    t.strictSame(plainRules(both.bytes), plainRules(both.values), `round ${round}`);
    plain += both.plain;
  }
  t.ok(plain > 1_500 && plain < 10_000, `${plain} of 12000 stay bytes`);
});

/** A frame, and others that differ from it in a few bytes: addresses, mostly, or anything. */
function family(random: Random): Uint8Array[] {
  let frame = randomFrame(random);
  for (let i = 0; i < 8 && plainFlowMod(viewOf(frame), 0, frame.length) === 0; i++) {
    frame = randomFrame(random);
  }
  return random.some(9, () => {
    const other = Uint8Array.from(frame);
    for (let i = random.number(6); i > 0; i--) {
      const isAnywhere = random.number(6) === 0;
      const at = isAnywhere
        ? 8 + random.number(frame.length - 8)
        : random.pick(moved(frame.length));
      other[at] = random.number(4) === 0 ? random.number(256) : (other[at] ?? 0) ^ 1;
    }
    return other;
  });
}

/** Where cookies, priorities and addresses usually are. */
const moved = (length: number) =>
  [9, 14, 15, 27, 29, 30, 31].concat(
    Array.from({ length: 20 }, (_, i) => Math.min(length - 1, 56 + i)),
  );

t.test('frames that came together are what each would have been alone', async (t) => {
  const random = new Random(33);
  const found = { plain: 0, alike: 0 };
  for (let round = 0; round < 150; round++) {
    const both = new Both();
    for (let i = 0; i < 20; i++) {
      const wrong = both.say([...family(random), ...family(random)], i);
      if (wrong !== undefined) t.fail(`round ${round}, ${i}: ${wrong}`);
    }
    t.strictSame(plainRules(both.bytes), plainRules(both.values), `round ${round}`);
    found.plain += both.plain;
    found.alike += both.alike;
  }
  t.ok(found.plain > 4_000 && found.alike > 1_000, `${found.plain} plain, ${found.alike} alike`);
});

t.test('a frame with any byte changed is either the same to both, or for the values', async (t) => {
  const random = new Random(32);
  let plain = 0;
  for (let round = 0; round < 400; round++) {
    const frame = randomFrame(random);
    for (let i = 0; i < 40; i++) {
      const changed = Uint8Array.from(frame);
      const at = 8 + random.number(frame.length - 8);
      changed[at] = random.pick([0, 1, 0x10, 0x7f, 0x80, 0xff, (changed[at] ?? 0) ^ 1]);
      const both = new Both();
      const wrong = both.say([changed], i);
      if (wrong !== undefined) t.fail(`byte ${at} of ${hex(frame)}: ${wrong}`);
      plain += both.plain;
    }
  }
  t.ok(plain > 1_000, `${plain} stay bytes`);
});

t.test('a learning switch’s rule stays bytes, and so do a drop and a table-miss', async (t) => {
  const miss = flowMod({ priority: 0, instructions: outputs(0xfffffffd) });
  const drop = flowMod({ match: matchOf(oxm('eth_type', 0x806)) });
  const match = matchOf(oxm('in_port', 1), oxm('eth_dst', 5), oxm('eth_src', 6));
  const learnt = flowMod({ match, idleTimeoutSec: 5, flags: 1, instructions: outputs(2) });
  for (const mod of [miss, drop, learnt]) {
    const frame = encode(version.of13, mod);
    t.ok(plainFlowMod(viewOf(frame), 0, frame.length) > 0);
    for (let cut = 0; cut < frame.length; cut++) {
      const short = frame.slice(0, cut);
      // Without its instructions it is a drop, and whole.
      const isDrop = cut === frame.length - instructionsBytes(mod);
      t.equal(plainFlowMod(viewOf(short), 0, cut) > 0, isDrop, `cut at ${cut}`);
    }
  }
});
