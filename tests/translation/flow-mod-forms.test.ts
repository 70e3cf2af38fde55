/**
 * Flow-mods that stay bytes and are not of 1.3's plain kind, of either version on either kind of
 * datapath: they become what the values would have made of them, in the rulebook and below.
 */

import t from 'tap';
import { Writer } from '../../openflow/layout/writer.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import { isError, type Version, version } from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Instruction, Message } from '../../openflow/values/values.ts';
import { isSameValue } from '../../slices/equality.ts';
import type { Encoding, Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import { Rulebook, type RuleChange } from '../../slices/rules/rulebook.ts';
import { addFlow, flowKey } from '../../translation/entries/physical-tables.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { readFlowMods } from '../../translation/pipeline/flow-mod-bytes.ts';
import { refuseFlowMod } from '../../translation/requests/flow-mod.ts';
import { FlowModForms } from '../../translation/requests/flow-mod-forms.ts';
import { viewOf } from '../openflow/hex.ts';
import { Random } from '../openflow/random.ts';
import { datapath, vswitchOf } from '../slices/networks.ts';
import { plainRules } from '../slices/rules.ts';
import { flowsOf } from '../support/flat-flows.ts';
import { flatSnapshot } from './flat-networks.ts';
import { frames } from './random-flow-mods.ts';

const XID = 77;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** What a body makes of changes. */
interface Below {
  readonly speaks: Version;
  change(change: RuleChange): readonly Message[];
  /** How many of a run may go down as bytes; then what goes down. */
  fit(run: RuleRun, book: Rulebook): number;
  write(out: Writer, run: RuleRun): void;
  refuses(change: RuleChange): boolean;
}

function pipeline(vswitch: Vswitch, forms: FlowModForms): Below {
  return {
    speaks: version.of13,
    change: (one) =>
      pipelineEncoding
        .encode(vswitch, one.rule)
        .map((flow) => addFlow(flow, one.type === 'remove' || one.resets)),
    fit: (run) => run.count,
    write: (out, run) => forms.write(out, run, XID),
    refuses: () => false,
  };
}

function flat(on: FlatDatapath, vswitch: Vswitch, snapshot: Snapshot, speaks: Version): Below {
  const body = on.bodyOf(vswitch);
  return {
    speaks,
    change: (one) => body.change(one),
    fit: (run, book) => body.bytes.fit(run, book, snapshot),
    write: (out, run) => body.bytes.write(out, run, XID),
    refuses: (one) => body.refuse(one, snapshot) !== undefined,
  };
}

/** What groups and meters are below: other things, when they were made anew. */
let below = 100;
const boundAction = (one: Action): Action =>
  one.type === 'group' ? { ...one, below: below + one.groupId } : one;

function bound(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.map((one) => {
    if (one.type === 'meter') return { ...one, below: below + one.meterId };
    return 'actions' in one ? { ...one, actions: one.actions.map(boundAction) } : one;
  });
}

/** One tenant that is told everything in bytes, and one that is told everything in values. */
class Both {
  readonly #speaks: Version;
  readonly #forms: FlowModForms;
  readonly #run = new RuleRun(4);
  readonly #bytes: Below;
  readonly #values: Below;
  readonly book = new Rulebook();
  readonly other = new Rulebook();
  stayed = 0;

  constructor(speaks: Version, forms: FlowModForms, bytes: Below, values: Below) {
    this.#speaks = speaks;
    this.#forms = forms;
    this.#bytes = bytes;
    this.#values = values;
  }

  /** What is different, or undefined, when these came together. */
  say(frames: readonly Uint8Array[], nowMs: number, isPipeline: boolean): string | undefined {
    const dv = viewOf(Uint8Array.from(Buffer.concat(frames)));
    for (let at = 0; at < dv.byteLength; ) {
      const run = this.#run;
      run.count = 0;
      if (this.#speaks === version.of13 && !isPipeline) readFlowMods(run, dv, at, dv.byteLength);
      if (run.count === 0) this.#forms.read(run, dv, at, dv.byteLength, isPipeline);
      if (run.count > 0) run.cut(this.#bytes.fit(run, this.book));
      const wrong = run.count === 0 ? this.#one(dv, at, nowMs) : this.#some(dv, nowMs);
      if (wrong !== undefined) return wrong;
      at += run.count === 0 ? header.get.length(dv, at) : run.fromSize;
    }
    return undefined;
  }

  /** The changes of a frame in a book of values, and what they are below. */
  #made(book: Rulebook, below: Below, dv: DataView, at: number, nowMs: number) {
    const mod = decode(this.#speaks, dv, at, header.get.length(dv, at));
    if (isError(mod) || refuseFlowMod(mod as FlowMod) !== undefined) return undefined;
    const { instructions, ...rest } = mod as FlowMod;
    const changes = book.apply({ ...rest, instructions: bound(instructions) }, nowMs);
    if (isError(changes)) return undefined;
    if (changes.some((one) => below.refuses(one))) {
      for (const one of changes.toReversed()) book.revert(one);
      return undefined;
    }
    return changes.flatMap((one) => below.change(one));
  }

  #one(dv: DataView, at: number, nowMs: number): string | undefined {
    const one = this.#made(this.book, this.#bytes, dv, at, nowMs);
    const other = this.#made(this.other, this.#values, dv, at, nowMs);
    return wrongIn(this.#hexOf(one ?? []), this.#hexOf(other ?? []));
  }

  #hexOf(messages: readonly Message[]): string {
    const own = messages.map((one, i) => encode(this.#bytes.speaks, { ...one, xid: XID + i }));
    return own.map(hex).join(' ');
  }

  #some(dv: DataView, nowMs: number): string | undefined {
    const run = this.#run;
    this.stayed += run.count;
    if (this.book.place(run, nowMs) !== run.count) return 'a rulebook refuses it';
    const wanted: Message[] = [];
    for (let i = 0; i < run.count; i++) {
      const messages = this.#made(this.other, this.#values, dv, run.fromAt[i] ?? 0, nowMs);
      if (messages === undefined) return 'the values refuse it';
      if (messages.length !== run.messages[i]) return `${messages.length} messages`;
      wanted.push(...messages);
    }
    const out = new Writer(8);
    out.put(Uint8Array.of(1, 2, 3));
    this.#bytes.write(out, run);
    const made = out.finish().slice(3);
    return wrongIn(hex(made), this.#hexOf(wanted).replaceAll(' ', ''));
  }
}

function wrongIn(made: string, wanted: string): string | undefined {
  return made === wanted ? undefined : `${made} not ${wanted}`;
}

interface Life {
  readonly seed: number;
  readonly speaks: Version;
  readonly ports: number;
  readonly vswitch: Vswitch;
  make(forms: FlowModForms): readonly [Below, Below, FlatDatapath?, FlatDatapath?];
}

/** How many of how many stayed bytes; what was different. */
function live({ seed, speaks, ports, make, vswitch }: Life): {
  readonly stayed: number;
  readonly wrong: readonly unknown[];
} {
  const wrong: unknown[] = [];
  const random = new Random(seed);
  let stayed = 0;
  let count = 0;
  for (let round = 0; round < 8; round++) {
    const forms = new FlowModForms(speaks, vswitch, bound);
    const [bytes, values, on, other] = make(forms);
    const both = new Both(speaks, forms, bytes, values);
    for (let i = 0; i < 25; i++) {
      const all = frames(random, speaks, ports, () => {
        below += 50;
      });
      count += all.length;
      const found = both.say(all, i, on === undefined);
      if (found !== undefined) wrong.push(`round ${round}, ${i}: ${found}`);
    }
    if (!isSameValue(plainRules(both.book), plainRules(both.other))) wrong.push(`rules, ${round}`);
    const entriesOf = (one: FlatDatapath) =>
      new Map(
        flowsOf(one)
          .map((flow) => [flowKey(flow), flow] as const)
          .sort(),
      );
    if (on !== undefined && other !== undefined) {
      if (!isSameValue(entriesOf(on), entriesOf(other))) wrong.push(`entries, ${round}`);
      on.bodyOf(vswitch).bytes.settle();
      if (!isSameValue(entriesOf(on), entriesOf(other))) wrong.push(`entries as values, ${round}`);
    }
    stayed += both.stayed;
  }
  return { stayed: stayed / count, wrong };
}

const v1 = 'red/v1';

function lifeOn(encoding: Encoding, speaks: Version, seed: number) {
  const snapshot = flatSnapshot(encoding);
  const vswitch = vswitchOf(snapshot, v1);
  const below = encoding === 'flat of 1.0' ? version.of10 : version.of13;
  const make = () => {
    const [on, other] = [1, 2].map(() => new FlatDatapath(snapshot, datapath('s1')));
    if (on === undefined || other === undefined) throw new Error('two datapaths');
    const [bytes, values] = [on, other].map((one) => flat(one, vswitch, snapshot, below));
    if (bytes === undefined || values === undefined) throw new Error('two bodies');
    return [bytes, values, on, other] as const;
  };
  return live({ seed, speaks, ports: 2, make, vswitch });
}

for (const speaks of [version.of10, version.of13]) {
  t.test(`of version ${speaks}: what stays bytes is what values would have made`, async (t) => {
    const vswitch = vswitchOf(flatSnapshot('flat of 1.3'), v1);
    const make = (forms: FlowModForms) =>
      [pipeline(vswitch, forms), pipeline(vswitch, forms)] as const;
    const { stayed, wrong } = live({ seed: 41, speaks, ports: 2, make, vswitch });
    t.strictSame(wrong.slice(0, 3), []);
    t.ok(stayed > 0.1, `${stayed} stay bytes`);
  });
}

t.test('on a flat datapath, of either version, for a tenant of either', async (t) => {
  for (const encoding of ['flat of 1.0', 'flat of 1.3'] as const) {
    for (const speaks of [version.of10, version.of13]) {
      const { stayed, wrong } = lifeOn(encoding, speaks, 42);
      t.strictSame(wrong.slice(0, 3), [], `${speaks} on ${encoding}`);
      t.ok(stayed > 0.02, `${speaks} on ${encoding}: ${stayed} stay bytes`);
    }
  }
});
