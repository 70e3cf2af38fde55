/**
 * os-ken's codec and ours agree: on our bytes as it reads them, on its bytes as we read them.
 *
 * os-ken reads no message that only a controller sends but flow-mods (hence the second half: it
 * makes those, we read them), writes no hello elements, and knows no experimenter's instructions:
 * one in a flow-mod makes it loop for ever. So we leave those out.
 */

import { execFileSync } from 'node:child_process';
import t from 'tap';
import { Writer } from '../../openflow/layout/writer.ts';
import { writeMatch } from '../../openflow/match/match-wire.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import * as wire from '../../openflow/messages/messages.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Instruction, Match, Message } from '../../openflow/values/values.ts';
import { fromHex, toHex, viewOf } from './hex.ts';
import { Random, randomMessage } from './random.ts';
import { randomFrame10 } from './random10.ts';

const helper = new URL('osken.py', import.meta.url).pathname;

function osken(args: readonly string[], input = ''): string[] {
  // Debian's python: the one that has os-ken.
  const stdio: ('pipe' | 'ignore')[] = ['pipe', 'pipe', 'ignore'];
  const options = { input, maxBuffer: 1 << 28, timeout: 240_000, stdio };
  const text = execFileSync('/usr/bin/python3', [helper, ...args], options).toString();
  return text.split('\n').filter((line) => line !== '');
}

interface Parsed {
  readonly error?: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly matches: readonly string[];
  /** What os-ken writes for what it read; null where it cannot write such a message. */
  readonly again: string | null;
}

/** The messages of ours that os-ken can read. */
const readable = [
  'error',
  'echoRequest',
  'echoReply',
  'experimenter',
  'featuresReply',
  'getConfigReply',
  'packetIn',
  'flowRemoved',
  'portStatus',
  'flowMod',
  'multipartReply',
  'barrierReply',
  'roleReply',
] as const;

/** Our names of os-ken's fields, where they are not its own in camelCase. */
const renamed: Readonly<Record<string, string>> = {
  datapath_id: 'dpid',
  n_buffers: 'bufferCount',
  n_tables: 'tableCount',
  idle_timeout: 'idleTimeoutSec',
  hard_timeout: 'hardTimeoutSec',
  out_group: 'outGroup',
  code: 'errorCode',
};

/** Of every number in os-ken's message: what we have for it, if it disagrees. */
function disagreement(parsed: Parsed, ours: Message): string | undefined {
  for (const [name, value] of Object.entries(parsed.fields)) {
    const camel = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const mine: unknown = (ours as unknown as Record<string, unknown>)[renamed[name] ?? camel];
    if (typeof value !== 'number' || mine === undefined || name === 'type') continue;
    // JSON has 53 bits; Number() loses the same ones.
    if (Number(mine) !== value) return `${name}: os-ken ${value}, we ${mine}`;
  }
  return undefined;
}

function matchesOf(message: Message): Match[] {
  if (message.type === 'multipartReply') {
    return message.reply.kind === 'flow' ? message.reply.flows.map((flow) => flow.match) : [];
  }
  return 'match' in message ? [message.match] : [];
}

function matchHex(match: Match): string {
  const to = new Writer();
  writeMatch(to, match);
  return toHex(to.finish());
}

/** The message without what os-ken cannot read. */
function forOsken(message: Message): Message {
  if (message.type === 'flowMod') return withoutExperimenters(message);
  if (message.type !== 'multipartReply' || message.reply.kind !== 'flow') return message;
  const flows = message.reply.flows.map(withoutExperimenters);
  return { ...message, reply: { kind: 'flow', flows } };
}

function withoutExperimenters<T extends { readonly instructions: readonly Instruction[] }>(
  rule: T,
): T {
  return { ...rule, instructions: rule.instructions.filter(({ type }) => type !== 'experimenter') };
}

for (const type of readable) {
  t.test(`os-ken reads our ${type} as we mean it`, (t) => {
    const messages = Array.from({ length: 100 }, (_, seed) =>
      forOsken(randomMessage(new Random(7000 + seed), type)),
    );
    const input = messages.map((message) => `${toHex(encode(version.of13, message))}\n`).join('');
    const answers = osken(['parse'], input).map((line) => JSON.parse(line) as Parsed);
    t.equal(answers.length, messages.length);
    for (const [index, parsed] of answers.entries()) {
      const message = messages[index] as Message;
      if (parsed.error) {
        t.fail(`${parsed.error}: ${toHex(encode(version.of13, message))}`);
        continue;
      }
      const wrong = disagreement(parsed, message);
      if (wrong) t.fail(wrong);
      if (parsed.again && parsed.again !== toHex(encode(version.of13, message))) {
        t.equal(parsed.again, toHex(encode(version.of13, message)), 'written again');
      }
      const wanted = matchesOf(message).map(matchHex);
      if (parsed.matches.join() !== wanted.join()) t.same(parsed.matches, wanted);
    }
    t.end();
  });
}

t.test('2000 random messages of an os-ken controller encode to the same bytes', (t) => {
  const frames = osken(['random', '4', '5', '2000']);
  t.equal(frames.length, 2000);
  for (const text of frames) {
    const frame = fromHex(text);
    const message = decode(version.of13, viewOf(frame), 0, frame.length);
    if (message.type === 'ofError') t.fail(`${message.why}: ${text}`);
    else if (toHex(encode(version.of13, message)) !== text)
      t.equal(toHex(encode(version.of13, message)), text, message.type);
  }
  t.end();
});

/** The messages of ours in 1.0 that os-ken can read. */
const readable10 = [
  'error',
  'echoRequest',
  'echoReply',
  'featuresReply',
  'getConfigReply',
  'packetIn',
  'flowRemoved',
  'portStatus',
  'flowMod',
  'multipartReply',
  'barrierReply',
  'queueGetConfigReply',
] as const satisfies readonly wire.MessageName10[];

/** A frame as we write it: what os-ken reads must mean the same. */
function normal10(frame: Uint8Array): Message {
  const message = decode(version.of10, viewOf(frame), 0, frame.length);
  if (message.type === 'ofError') throw new Error(message.why);
  return message;
}

for (const name of readable10) {
  t.test(`os-ken reads our ${name} of 1.0 as we mean it`, (t) => {
    const messages = Array.from({ length: 100 }, (_, seed) =>
      normal10(randomFrame10(new Random(7000 + seed), name)),
    );
    const frames = messages.map((message) => encode(version.of10, message));
    const input = frames.map((frame) => `${toHex(frame)}\n`).join('');
    const answers = osken(['parse'], input).map((line) => JSON.parse(line) as Parsed);
    t.equal(answers.length, messages.length);
    for (const [index, parsed] of answers.entries()) {
      const message = messages[index] as Message;
      const hex = toHex(frames[index] as Uint8Array);
      if (parsed.error) t.fail(`${parsed.error}: ${hex}`);
      const wrong = disagreement(parsed, numbers10(message));
      if (wrong) t.fail(`${wrong}: ${hex}`);
      if (parsed.again && parsed.again !== hex) t.equal(parsed.again, hex, 'written again');
    }
    t.end();
  });
}

/** The message with the numbers that 1.0's wire has, where values have 1.3's. */
function numbers10(message: Message): Message {
  if (message.type === 'error') {
    const frame = encode(version.of10, message);
    const { errorType, errorCode } = wire.error.read(viewOf(frame), 0);
    return { ...message, errorType, errorCode };
  }
  if (message.type === 'featuresReply') {
    const dv = viewOf(encode(version.of10, message));
    return { ...message, capabilities: dv.getUint32(wire.features10.offset.capabilities) };
  }
  if (message.type === 'flowMod') return { ...message, outPort: message.outPort & 0xffff };
  if (message.type === 'queueGetConfigReply')
    return { ...message, portNo: message.portNo & 0xffff };
  return message;
}

t.test('2000 random messages of an os-ken controller of 1.0 mean the same in our bytes', (t) => {
  const frames = osken(['random', '1', '5', '2000']);
  t.equal(frames.length, 2000);
  for (const text of frames) {
    const frame = fromHex(text);
    const message = decode(version.of10, viewOf(frame), 0, frame.length);
    if (message.type === 'ofError') t.fail(`${message.why}: ${text}`);
    else {
      const normal = toHex(withWholeWildcards(frame));
      if (toHex(encode(version.of10, message)) !== normal) {
        t.equal(toHex(encode(version.of10, message)), normal, message.type);
      }
    }
  }
  t.end();
});

/** Where os-ken says that 63 bits of a network address are wild, we say 32: it has no more. */
function withWholeWildcards(frame: Uint8Array): Uint8Array {
  const dv = viewOf(frame);
  const type = wire.header.get.type(dv, 0);
  const isFilter = type === wire.messages10.multipartRequest.number && frame.length === 56;
  const at = isFilter ? wire.multipart10.size : wire.header.size;
  if (!isFilter && type !== wire.messages10.flowMod.number) return frame;
  let wildcards = dv.getUint32(at);
  for (const shift of [8, 14]) {
    if (((wildcards >> shift) & 0x3f) > 32) {
      wildcards = (wildcards & ~(0x3f << shift)) | (32 << shift);
    }
  }
  // Without a tag there is no priority that could be left open: a filter does not, and a rule
  // does, so that it is not one that leaves nothing open.
  const isUntagged = (wildcards & 2) === 0 && dv.getUint16(at + 18) === 0xffff;
  const untagged = isFilter ? wildcards & ~(1 << 20) : wildcards | (1 << 20);
  dv.setUint32(at, isUntagged ? untagged : wildcards);
  return frame;
}
