/**
 * A datapath that refuses a change is led back to what stands, and may refuse that, too: because
 * what followed in the same slot is in it, and is refused as well, or because its room is gone.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { twoDatapaths } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

/** The tenant's priority; below it is one higher (pipeline.ts, `slotOf`). */
const PRIORITY = 7_777;
const FULL = { errorType: 5, errorCode: 1 };
const XID = 4_711;

const asked = flowMod({
  priority: PRIORITY,
  match: matchOf(oxm('eth_dst', 0xabcdef)),
  instructions: outputs(2),
});
const isIt = (message: Message): boolean =>
  message.type === 'flowMod' && message.priority === PRIORITY + 1;

/** A tenant that asks for one rule again and again, and a datapath that is far away. */
class FarAway {
  readonly net = FakeNetwork.started(twoDatapaths('settle 60ms'), memoryStore());
  readonly #red = this.net.controller(7001);
  readonly #s1 = this.net.switch('s1');

  /** Each in a round of its own; `s1` has answered none of them. */
  asks(count: number): void {
    for (let i = 0; i < count; i++) {
      const mod = { ...asked, xid: XID + i, cookie: BigInt(i) };
      this.#red.says(mod, { type: 'barrierRequest', xid: 9 });
      this.#pass(100);
    }
  }

  /** What `s1` says of one round is known before what it says of the next. */
  answers(): void {
    for (let i = 0; i < 40; i++) {
      this.#pass(10);
      this.#s1.answer(() => this.#pass(10));
    }
  }

  /** Which of them it was told the switch refused. */
  get told(): readonly number[] {
    return this.#red.received().flatMap((one) => (one.type === 'error' ? [one.xid - XID] : []));
  }

  /** Whether `s1` refuses the rule, and how often. */
  refuses(isSo: boolean, most = Number.POSITIVE_INFINITY): void {
    let refused = 0;
    this.#s1.refuse = (one) => {
      const isAdd = one.type === 'flowMod' && one.command === flowCommand.add;
      if (!isSo || !isAdd || !isIt(one) || refused === most) return undefined;
      refused += 1;
      return FULL;
    };
  }

  #pass(ms: number): void {
    for (let i = 0; i < 10; i++) this.net.world.pass(ms / 10);
  }
}

t.test('a full switch refuses a rule again and again: it is full, and nothing else', async (t) => {
  const far = new FarAway();
  far.refuses(true);
  far.asks(4);
  far.answers();
  t.strictSame(far.told, [0, 1, 2, 3], 'each is told');
  t.notOk(far.net.switch('s1').peer.isClosed, 'other tenants live there, too');
  const [runtime] = far.net.hypervisor.runtimes();
  t.equal(runtime?.rulebook.size, 0);
  t.equal(runtime?.whyDown(), undefined);
});

t.test('it refuses what it had promised: that vswitch is down until it has room', async (t) => {
  const far = new FarAway();
  far.asks(1);
  far.answers();
  far.refuses(true);
  far.asks(2);
  far.answers();
  const [runtime] = far.net.hypervisor.runtimes();
  t.match(runtime?.whyDown(), /datapath s1 has no room for 1 rule of it: .*tableFull/);
  t.notOk(far.net.switch('s1').peer.isClosed, 'other tenants live there, too');
  far.refuses(false);
  far.net.run(limits.missingRetryMs + 1_000);
  t.equal(runtime?.whyDown(), undefined);
  t.equal(runtime?.rulebook.rules()[0]?.cookie, 0n, 'the one that was acknowledged');
});

t.test('what leads it back has in it what it has refused before: it lets that go', async (t) => {
  const far = new FarAway();
  far.refuses(true, 2);
  far.asks(2);
  far.answers();
  t.strictSame(far.told, [0, 1]);
  const last = far.net.switch('s1').changes().filter(isIt).at(-1);
  t.match(last, { command: flowCommand.deleteStrict });
});
