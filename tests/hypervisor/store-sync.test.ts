/**
 * `store: { sync: background }`: a barrier is answered when the system has what came before it, and
 * what has to be so after a power cut waits for the disk as ever. Without the word, everybody does.
 */
import t from 'tap';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { statusText } from '../../hypervisor/operator/report-text.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import type { StoreSync } from '../../slices/config/values.ts';
import { oneDatapath } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const textOf = (store: string): string => `store: ${store}${oneDatapath}`;
const background = textOf('{ path: limevisor.db, sync: background }');
const always = textOf('limevisor.db');
const FULL = { errorType: 5, errorCode: 1 };

/** A network whose store has a disk that waits for `disk`, once it is up. */
function started(text: string, slow = true) {
  const store = memoryStore();
  const held: (() => void)[] = [];
  let isSlow = false;
  const followed: StoreSync[] = [];
  const append: Store['append'] = (entries, done, written) => {
    store.append(entries, () => undefined);
    const isEarly = text === background && written !== undefined;
    if (isEarly) written();
    if (isSlow && !isEarly) held.push(done);
    else done();
  };
  const follow = (sync: StoreSync): void => void followed.push(sync);
  const net = FakeNetwork.started(text, { ...store, append, follow });
  isSlow = slow;
  const disk = (): void => {
    for (const done of held.splice(0)) done();
    net.run(10);
  };
  return { net, disk, followed, red: net.controller(7001) };
}

const rule = flowMod({ match: matchOf(oxm('eth_dst', 1)), instructions: outputs(2) });
const barrier = { type: 'barrierRequest', xid: 7 } as const;
const answersOf = (red: ReturnType<typeof started>['red']) =>
  red.received().filter(({ type }) => type === 'barrierReply' || type === 'error');

t.test('a barrier waits for the disk, or does not', async (t) => {
  for (const [text, early] of [
    [always, 0],
    [background, 1],
  ] as const) {
    const { net, disk, red } = started(text);
    red.says(rule, barrier);
    net.run();
    t.equal(answersOf(red).length, early);
    disk();
    t.equal(answersOf(red).length, 1 - early);
  }
});

t.test('what is refused is told when the disk has that, and the barrier behind it', async (t) => {
  const { net, disk, red } = started(background);
  net.switch('s1').refuse = (one) => (one.type === 'flowMod' ? FULL : undefined);
  red.says(rule, barrier);
  net.run();
  t.strictSame(answersOf(red), []);
  for (let i = 0; i < 5; i++) disk();
  t.strictSame(
    answersOf(red).map(({ type }) => type),
    ['error', 'barrierReply'],
  );
});

t.test('a file that is applied may say it; status does', async (t) => {
  const { net, followed } = started(always, false);
  const said = (): string => statusText(statusReport(net.hypervisor), 0);
  t.notMatch(said(), /synced in the background/);
  net.apply(background);
  t.strictSame(followed.at(-1), 'background');
  t.equal(statusReport(net.hypervisor).store.sync, 'background');
  t.match(said(), /the store is synced in the background: a power cut may take back the last/);
  net.apply(always);
  t.equal(followed.at(-1), 'always');
  t.notMatch(said(), /synced in the background/);
  const other = net.apply(textOf('other.db'));
  t.match(other, { whyNot: [/"store" would be other.db and is limevisor.db/] });
});
