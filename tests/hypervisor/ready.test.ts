/**
 * What is decided is kept, then sent, then answered (hypervisor/store/ready.ts); and nothing gets
 * into the store, or to whoever asked, by another way.
 */
import t from 'tap';
import type { Entry } from '../../hypervisor/store/journal-entries.ts';
import { execute, type Keeper, type Ready } from '../../hypervisor/store/ready.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { Random } from '../openflow/random.ts';
import { oneDatapath } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { readSources } from '../support/sources.ts';
import { FakeNetwork } from './fake-switches.ts';

/** Notes in which order things are done; the disk is slow. */
function recorded() {
  const did: string[] = [];
  let waiting: (() => void)[] = [];
  const journal: Keeper = {
    put: (entry: Entry) => void did.push(`keep ${entry.type}`),
    sync: (done) => void waiting.push(done),
  };
  const shell = {
    journal,
    send: (message: string) => void did.push(`send ${message}`),
    answer: (answer: string) => void did.push(`answer ${answer}`),
  };
  const disk = (): void => {
    did.push('disk');
    const all = waiting;
    waiting = [];
    for (const done of all) done();
  };
  return { did, shell, disk };
}

const ready = (onDisk?: Ready['onDisk']): Ready<string, string> => ({
  entries: [
    { type: 'noMigration', id: 1 },
    { type: 'text', key: 'k', value: 1 },
  ],
  messages: ['m1', 'm2'],
  answers: ['a'],
  ...(onDisk !== undefined && { onDisk }),
});

const kept = ['keep noMigration', 'keep text'];
const sent = ['send m1', 'send m2'];
const cases = [
  [undefined, [...kept, ...sent, 'answer a', 'disk']],
  ['answers', [...kept, ...sent, 'disk', 'answer a']],
  ['messages', [...kept, 'disk', ...sent, 'answer a']],
] as const;

for (const [onDisk, order] of cases) {
  t.test(`kept, sent, answered; what waits for the disk: ${onDisk ?? 'nothing'}`, async (t) => {
    const { did, shell, disk } = recorded();
    execute(shell, ready(onDisk));
    disk();
    t.strictSame(did, order);
  });
}

t.test('answers that wait come in their order', async (t) => {
  const { did, shell, disk } = recorded();
  for (const answer of ['1', '2']) {
    execute(shell, { entries: [], messages: [], answers: [answer], onDisk: 'answers' });
  }
  disk();
  t.strictSame(did, ['disk', 'answer 1', 'answer 2']);
});

/** Of hypervisor/, those whose text has it. */
function filesWith(what: RegExp): readonly string[] {
  return Object.entries(readSources())
    .filter(([path, text]) => path.startsWith('hypervisor/') && what.test(text))
    .map(([path]) => path.slice('hypervisor/'.length))
    .sort();
}

t.test('one place puts entries into the store', async (t) => {
  const puts = /[jJ]ournal(\.put|\.putFlowMods)\(/;
  t.match('this.#context.journal.put({ type })', puts, 'what it would look like');
  t.strictSame(filesWith(puts), ['store/ready.ts']);
  const asBefore = /[jJ]ournal\.put[A-Z]\w*\(/;
  t.match('this.#context.journal.putRule(rule)', asBefore, 'nor is there a method for each kind');
  t.strictSame(filesWith(asBefore), ['store/ready.ts'], 'but for flow-mods that stay bytes');
});

t.test('one place refuses what was asked for, and tells that a rule is gone', async (t) => {
  // Whatever it is called whom an error is told: what else is refused there is of another kind.
  const refuses = /(?<!shell|buffers|\bbody)\.refuse\(/;
  t.match('origin.refuse(error)', refuses, 'what it would look like');
  const ofTenants = (what: RegExp) => filesWith(what).filter((path) => path.startsWith('tenant/'));
  // The others refuse what is never kept: requests that are malformed, too many, or name a buffer.
  t.strictSame(ofTenants(refuses), [
    'tenant/buffer-use.ts',
    'tenant/changes.ts',
    'tenant/requests.ts',
    'tenant/shell.ts',
  ]);
  t.strictSame(ofTenants(/\.announce\(/), ['tenant/ports.ts', 'tenant/shell.ts']);
});

const FULL = { errorType: 5, errorCode: 1 };

/** What a start from a state of the store has: the cookie of each flow-mod is its number. */
function startedFrom(state: RecordingStore['states'][number]): ReadonlySet<number> {
  const [runtime] = new FakeNetwork(oneDatapath, RecordingStore.in(state))
    .loaded()
    .hypervisor.runtimes();
  return new Set(runtime?.rulebook.rules().map((rule) => Number(rule.cookie)));
}

for (const seed of [1, 2, 3]) {
  t.test(`from every prefix: what was acknowledged, not what was refused, ${seed}`, async (t) => {
    const random = new Random(seed);
    const store = new RecordingStore();
    const net = FakeNetwork.started(oneDatapath, store);
    const red = net.controller(7001);
    net.switch('s1').refuse = (one) =>
      one.type === 'flowMod' && one.command === 0 && random.number(4) === 0 ? FULL : undefined;
    /** By number: from which state on it is known to be there, or not to be. */
    const isThere = new Map<number, number>();
    const isRefused = new Map<number, number>();
    const listen = (upTo: number): void => {
      const now = store.states.length - 1;
      for (const one of red.received()) {
        if (one.type === 'error') isRefused.set(one.xid, now);
        if (one.type !== 'barrierReply') continue;
        for (let i = 1; i <= upTo; i++) {
          if (!isRefused.has(i) && !isThere.has(i)) isThere.set(i, now);
        }
      }
    };
    let sent = 0;
    for (let round = 0; round < 30; round++) {
      for (let i = random.number(4); i >= 0; i--) {
        sent += 1;
        // Some are of the plain kind that stays bytes, others ask for a word when they go.
        const flags = random.number(2) === 0 ? 1 : 0;
        const match = matchOf(oxm('eth_dst', sent));
        const mod = { xid: sent, cookie: BigInt(sent), flags, match, instructions: outputs(2) };
        red.says(flowMod(mod));
      }
      red.says({ type: 'barrierRequest', xid: 1_000_000 });
      for (let ms = 0; ms < 20; ms++) {
        net.run(1);
        listen(sent);
      }
    }
    t.ok(isRefused.size > 5 && isThere.size > 20, `${isRefused.size} of ${sent} were refused`);
    const wrong: string[] = [];
    for (const [i, state] of store.states.entries()) {
      const has = startedFrom(state);
      for (const [n, from] of isThere) if (i >= from && !has.has(n)) wrong.push(`${n} not in ${i}`);
      for (const [n, from] of isRefused) if (i >= from && has.has(n)) wrong.push(`${n} in ${i}`);
    }
    t.strictSame(wrong, []);
  });
}

t.test(
  'killed before the first acknowledgement: what is refused afterwards is nowhere',
  async (t) => {
    const store = new RecordingStore();
    const net = FakeNetwork.started(oneDatapath, store);
    const red = net.controller(7001);
    const mod = { match: matchOf(oxm('eth_dst', 1)), instructions: outputs(2) };
    for (const cookie of [1n, 2n]) red.says(flowMod({ ...mod, xid: 1, cookie }));
    net.run(50);
    const isKept = (state: (typeof store.states)[number]): boolean => startedFrom(state).has(2);
    const killed = store.states.find(isKept);
    if (killed === undefined) throw new Error('the rule was never kept');
    const again = new FakeNetwork(oneDatapath, RecordingStore.in(killed)).loaded();
    const s1 = again.switch('s1');
    s1.refuse = (one) => {
      const isRule = one.type === 'flowMod' && readCookie(one.cookie)?.kind === 'rule';
      return isRule && one.command === 0 ? FULL : undefined;
    };
    again.connect('s1');
    again.run(50);
    const [runtime] = again.hypervisor.runtimes();
    t.equal(runtime?.whyDown(), undefined, 'nobody was promised the rule');
    t.equal(runtime?.rulebook.size, 0);
  },
);
