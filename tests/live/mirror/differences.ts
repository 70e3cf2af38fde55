/**
 * The table of differences: where a virtual switch may be told from an Open vSwitch bridge.
 *
 * Each line takes out of a message what is not compared. Whatever is not here must be equal, to
 * the last bit. What a switch says of itself is synthetic and outlives its placement.
 */
import type { Message, MultipartReplyBody } from '../../../openflow/values/values.ts';

interface Difference {
  readonly what: string;
  readonly why: string;
  /** The message without it. */
  readonly without: (message: Message) => Message;
}

const differences: readonly Difference[] = [
  {
    what: 'the strings of DESC',
    why: 'vswitch-description.ts: they say who made the switch, and it was us',
    without: inReply('desc', (reply) => ({
      ...reply,
      manufacturer: '',
      hardware: '',
      software: '',
      serial: '',
      datapath: '',
    })),
  },
  {
    what: 'how many tables there are, and capabilities',
    why: 'vswitch-description.ts: some tables below are ours; what is not offered is not promised',
    without: (message) =>
      message.type === 'featuresReply' ? { ...message, tableCount: 0, capabilities: 0 } : message,
  },
  {
    what: 'rows of tables without rules; how often tables were looked into; 1.0: name and size',
    why: 'as above; the counts are since the switch began; the size is our limit (limits.ts)',
    without: inReply('table', (reply) => ({
      kind: 'table',
      tables: reply.tables
        .filter(({ activeCount }) => activeCount > 0)
        .map(({ tableId, activeCount }) => {
          return { tableId, activeCount, lookupCount: 0n, matchedCount: 0n };
        }),
    })),
  },
  {
    what: 'durations',
    why: 'times',
    without: withoutTimes,
  },
  {
    what: 'how many groups there may be',
    why: 'limits.ts: a tenant has a quota',
    without: inReply('groupFeatures', (reply) => ({
      ...reply,
      ...{ maxAll: 0, maxSelect: 0, maxIndirect: 0, maxFf: 0 },
    })),
  },
  {
    what: 'how many meters there may be',
    why: 'as above',
    without: inReply('meterFeatures', (reply) => ({ ...reply, maxMeter: 0 })),
  },
  {
    what: 'what queue 0 has sent',
    why: 'it is the one that is not chosen: markers of the test, and what came before it',
    without: inReply('queueStats', (reply) => ({
      kind: 'queueStats',
      queues: reply.queues.map((row) =>
        row.queueId === 0 ? { ...row, txBytes: 0n, txPackets: 0n } : row,
      ),
    })),
  },
  {
    what: 'what vendors’ messages and statistics say',
    why: 'frame-bytes.ts: it is compared as bytes, without times',
    without: (message) => {
      if (message.type === 'experimenter') return { ...message, data: new Uint8Array(0) };
      return inReply('other', (reply) => ({ ...reply, body: new Uint8Array(0) }))(message);
    },
  },
  {
    what: 'the order of rows in statistics',
    why: 'OF1.3.5 section 7.3.5 says none; Open vSwitch goes by its hash tables',
    without: sorted,
  },
];

/** What is to be compared. */
export function withoutDifferences(message: Message): Message {
  return differences.reduce((rest, { without }) => without(rest), message);
}

type ReplyOf<K extends MultipartReplyBody['kind']> = Extract<MultipartReplyBody, { kind: K }>;

function inReply<K extends MultipartReplyBody['kind']>(
  kind: K,
  change: (reply: ReplyOf<K>) => MultipartReplyBody,
): Difference['without'] {
  return (message) => {
    if (message.type !== 'multipartReply' || message.reply.kind !== kind) return message;
    return { ...message, reply: change(message.reply as ReplyOf<K>) };
  };
}

const timeless = { durationSec: 0, durationNsec: 0 };

function withoutTimes(message: Message): Message {
  if (message.type === 'flowRemoved') return { ...message, ...timeless };
  if (message.type !== 'multipartReply') return message;
  const { reply } = message;
  switch (reply.kind) {
    case 'flow': {
      const flows = reply.flows.map((row) => ({ ...row, ...timeless }));
      return { ...message, reply: { ...reply, flows } };
    }
    case 'groupStats': {
      const groups = reply.groups.map((row) => ({ ...row, ...timeless }));
      return { ...message, reply: { ...reply, groups } };
    }
    case 'queueStats': {
      const queues = reply.queues.map((row) => ({ ...row, ...timeless }));
      return { ...message, reply: { ...reply, queues } };
    }
    case 'meterStats': {
      const meters = reply.meters.map((row) => ({ ...row, ...timeless }));
      return { ...message, reply: { ...reply, meters } };
    }
    case 'portStats': {
      const ports = reply.ports.map((row) => ({ ...row, ...timeless }));
      return { ...message, reply: { ...reply, ports } };
    }
    default:
      return message;
  }
}

interface QueueNumber {
  readonly portNo: number;
  readonly queueId: number;
}

function sorted(message: Message): Message {
  if (message.type === 'featuresReply' && message.of10 !== undefined) {
    const ports = message.of10.ports.toSorted((a, b) => a.portNo - b.portNo);
    return { ...message, of10: { ...message.of10, ports } };
  }
  const byQueue = (a: QueueNumber, b: QueueNumber) => a.portNo - b.portNo || a.queueId - b.queueId;
  if (message.type === 'queueGetConfigReply') {
    return { ...message, queues: message.queues.toSorted(byQueue) };
  }
  if (message.type !== 'multipartReply') return message;
  const { reply } = message;
  if (reply.kind === 'queueStats') {
    return { ...message, reply: { ...reply, queues: reply.queues.toSorted(byQueue) } };
  }
  if (reply.kind === 'portDesc' || reply.kind === 'portStats') {
    const ports = reply.ports.toSorted((a, b) => a.portNo - b.portNo);
    return { ...message, reply: { ...reply, ports } as MultipartReplyBody };
  }
  if (reply.kind === 'groupDesc' || reply.kind === 'groupStats') {
    const groups = [...reply.groups].sort((a, b) => a.groupId - b.groupId);
    return { ...message, reply: { ...reply, groups } as MultipartReplyBody };
  }
  if (reply.kind === 'meterStats' || reply.kind === 'meterConfig') {
    const meters = [...reply.meters].sort((a, b) => a.meterId - b.meterId);
    return { ...message, reply: { ...reply, meters } as MultipartReplyBody };
  }
  if (reply.kind !== 'flow') return message;
  const key = (row: (typeof reply.flows)[number]): string =>
    JSON.stringify([row.tableId, row.priority, row.match.map((one) => [one.field, ...one.value])]);
  const flows = reply.flows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return { ...message, reply: { ...reply, flows } };
}
