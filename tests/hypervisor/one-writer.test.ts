/**
 * Entries, groups and meters are sent to a datapath from one place (hypervisor/datapath/writer.ts),
 * whoever wants them there: by the sources, and by what switches are sent.
 */
import t from 'tap';
import { Random } from '../openflow/random.ts';
import { memoryStore } from '../support/memory-store.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { readSources } from '../support/sources.ts';
import { FakeNetwork } from './fake-switches.ts';
import { Life } from './life.ts';

/** Of hypervisor/, those whose text has it. */
function filesWith(what: RegExp): readonly string[] {
  const files = Object.entries(readSources()).filter(([path]) => path.startsWith('hypervisor/'));
  return files
    .filter(([, text]) => what.test(text))
    .map(([path]) => path.slice('hypervisor/'.length))
    .sort();
}

/** Ways to a connection's bytes; who else has them, and for what. */
const ways: readonly { readonly what: RegExp; readonly files: readonly string[] }[] = [
  // What waits for a datapath's acknowledgement.
  { what: /\backs\??\.(apply|push|pushed)\(/i, files: ['datapath/writer.ts'] },
  { what: /new Acks\(/, files: ['datapath/datapath.ts'] },
  { what: /\bwriteFlowMods\(.*writer\(\)/, files: ['datapath/writer.ts'] },
  {
    what: /\.writer\(\)/,
    files: [
      'channel/channel.ts',
      'controller/controller.ts', // answers
      'datapath/writer.ts',
      'tenant/packet-ins.ts', // to controllers
      'tenant/packet-outs.ts',
    ],
  },
  {
    what: /[cC]hannel\??\.send\(/,
    files: [
      'controller/controller.ts', // answers
      'datapath/acceptor.ts', // who are you
      'datapath/acknowledgements.ts',
      'datapath/datapath.ts', // packet-outs
      'datapath/queries.ts', // statistics
    ],
  },
];

t.test('one file sends entries', async (t) => {
  for (const { what, files } of ways) t.strictSame(filesWith(what), files, String(what));
  t.match('acks.apply([], level, done)', ways[0]?.what ?? /nothing/, 'what it would look like');
});

t.test('whatever switches are sent, the writer has sent', async (t) => {
  // Of one life a datapath may have no part.
  const inAll = new Map<string, number>();
  for (const seed of [1, 2, 3]) {
    const life = new Life(new Random(seed), new RecordingStore(), seed === 2);
    const before = sentTo(life.net);
    for (let i = 0; i < 40; i++) {
      life.ask();
      life.net.run(20);
    }
    life.net.run(2_000);
    for (const [name, count] of compare(t, life.net, before)) {
      inAll.set(name, (inAll.get(name) ?? 0) + count);
    }
  }
  for (const [name, count] of inAll) t.ok(count > 0, `${name} was sent something`);
});

t.test('a datapath that is nobody’s is claimed by the writer, too', async (t) => {
  const net = new FakeNetwork(undefined, memoryStore());
  for (const name of net.switches.keys()) net.connect(name);
  net.run(100);
  for (const [name, count] of compare(t, net)) t.ok(count > 0, `${name} was sent something`);
});

/** How many messages the writer has sent each datapath, by name. */
function sentTo({ hypervisor }: FakeNetwork): ReadonlyMap<string, number> {
  return new Map(
    hypervisor.datapaths().map(({ name, writer: { sent } }) => {
      return [name, sent.intent + sent.tables + sent.comparison];
    }),
  );
}

/** How many of these messages each datapath was sent, by name. */
function compare(
  asserts: Pick<typeof t, 'equal'>,
  net: FakeNetwork,
  before: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [name, sent] of sentTo(net)) {
    const got = net.switch(name).changes();
    const count = got.filter(({ type }) => /^(flow|group|meter)Mod$/.test(type)).length;
    counts.set(name, count);
    asserts.equal(sent - (before.get(name) ?? 0), count, `the writer sent what ${name} got`);
  }
  return counts;
}
