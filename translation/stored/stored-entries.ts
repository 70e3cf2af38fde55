/**
 * Reading the entries of a store's commits: each has a kind, a key and a value (store-entries.ts
 * has the list, and writes them).
 *
 * A kind is a format: what it means never changes. What is to be written otherwise gets a kind of
 * its own, and is read here beside the others, for ever (tests/golden/store/). So this file shares
 * nothing with what is written or carried out now, and asks nothing but what is in the bytes.
 */
import { f64, layout, pad, u8, u16, u32, u64 } from '../../openflow/layout/layout.ts';

const entryHead = layout('Entry', { kind: u8, pad: pad(1), keySize: u16, valueSize: u32 });

export const storedKind = {
  text: 1,
  noText: 2,
  rule: 3,
  noRule: 4,
  flowMods: 5,
  noRules: 6,
} as const;

const KIND_MAX = 6;

/** Kind 3: then the match, then the instructions. */
const ruleHead = layout('StoredRule', {
  serial: u32,
  tableId: u8,
  pad: pad(1),
  priority: u16,
  flags: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  matchSize: u16,
  cookie: u64,
  /** Milliseconds since 1970. */
  added: f64,
  hardFrom: f64,
  packets: u64,
  bytes: u64,
});

/** Kind 5: then for each of `count` a head, then their frames. */
const flowModsHead = layout('StoredFlowMods', { count: u32, size: u32, added: f64 });
const flowModHead = layout('StoredFlowMod', {
  serial: u32,
  revision: u32,
  replaced: u32,
  resets: u32,
});

/** A flow-mod of OpenFlow 1.3, before its match (OF1.3.5 section 7.3.4.1). */
const frameHead = layout('Frame', {
  version: u8,
  type: u8,
  length: u16,
  xid: u32,
  cookie: u64,
  cookieMask: u64,
  tableId: u8,
  command: u8,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  priority: u16,
  bufferId: u32,
  outPort: u32,
  outGroup: u32,
  flags: u16,
  pad: pad(2),
});

/** An entry's parts, in the bytes that it was read from. */
export interface Entry {
  readonly kind: number;
  readonly key: string;
  readonly value: Uint8Array;
  /** Where it begins and ends. */
  readonly at: number;
  readonly end: number;
}

const decoder = new TextDecoder();

/** The whole entries of some bytes; the last one may be cut off. Throws at what is none. */
export function* entriesIn(bytes: Uint8Array): Iterable<Entry> {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const keys = new Keys();
  for (let at = 0; at + entryHead.size <= bytes.length; ) {
    const kind = entryHead.get.kind(dv, at);
    if (kind === 0 || kind > KIND_MAX) {
      const why = 'a newer limevisor wrote it, or it is damaged; start the newer one';
      throw new Error(`the store holds an entry of kind ${kind}: ${why}`);
    }
    const keyAt = at + entryHead.size;
    const valueAt = keyAt + entryHead.get.keySize(dv, at);
    const end = valueAt + entryHead.get.valueSize(dv, at);
    if (end > bytes.length) return;
    const key = keys.textOf(bytes.subarray(keyAt, valueAt));
    yield { kind, key, value: bytes.subarray(valueAt, end), at, end };
    at = end;
  }
}

/** Keys as text: mostly the one before again. */
class Keys {
  #bytes = new Uint8Array(0);
  #text = '';

  textOf(bytes: Uint8Array): string {
    if (!isSame(bytes, this.#bytes)) {
      this.#bytes = bytes.slice();
      this.#text = decoder.decode(bytes);
    }
    return this.#text;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

export function textOf(value: Uint8Array): string {
  return decoder.decode(value);
}

/** A rule as it stands in an entry; match and instructions are at `at` of `dv`. */
export interface RuleRead {
  readonly serial: number;
  readonly tableId: number;
  readonly priority: number;
  readonly flags: number;
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  readonly cookie: bigint;
  /** Milliseconds since 1970. */
  readonly added: number;
  readonly hardFrom: number;
  readonly dv: DataView;
  readonly at: number;
  readonly matchSize: number;
  readonly instructionsSize: number;
  /** The rule whose place it took, or 0; what that had counted is its own, unless it resets. */
  readonly replaced: number;
  readonly resets: boolean;
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** What an entry says that a rule is: one, several, or none. Throws when the value is cut off. */
export function rulesIn({ kind, value }: Entry): readonly RuleRead[] {
  const dv = new DataView(value.buffer, value.byteOffset, value.length);
  if (kind === storedKind.rule) return [ruleIn(dv)];
  return kind === storedKind.flowMods ? flowModsIn(dv) : [];
}

/** The serial of the rule that a `noRule` is about. */
export function goneIn({ value }: Entry): number {
  return new DataView(value.buffer, value.byteOffset, value.length).getUint32(0);
}

function ruleIn(dv: DataView): RuleRead {
  const { matchSize, ...head } = ruleHead.read(dv, 0);
  const instructionsSize = dv.byteLength - ruleHead.size - matchSize;
  const parts = { dv, at: ruleHead.size, matchSize, instructionsSize };
  return { ...head, ...parts, replaced: 0, resets: true };
}

function flowModsIn(dv: DataView): readonly RuleRead[] {
  const { count, added } = flowModsHead.read(dv, 0);
  const rules: RuleRead[] = [];
  let frame = flowModsHead.size + count * flowModHead.size;
  for (let i = 0; i < count; i++) {
    const { serial, replaced, resets } = flowModHead.read(dv, headAt(i));
    const { length, cookie, tableId, priority, flags, ...times } = frameHead.read(dv, frame);
    const at = frame + frameHead.size;
    // A match ends where its own length says, padded to eight bytes.
    const matchSize = (dv.getUint16(at + 2) + 7) & ~7;
    const { idleTimeoutSec, hardTimeoutSec } = times;
    const instructionsSize = length - frameHead.size - matchSize;
    rules.push({
      ...{ serial, tableId, priority, flags, idleTimeoutSec, hardTimeoutSec, cookie },
      ...{ added, hardFrom: added, dv, at, matchSize, instructionsSize },
      ...{ replaced, resets: resets !== 0, packets: 0n, bytes: 0n },
    });
    frame += length;
  }
  return rules;
}

function headAt(i: number): number {
  return flowModsHead.size + i * flowModHead.size;
}
