/**
 * What an owner's page follows: the network that was chosen, the first that is left where that has
 * ended, and nothing where there is none.
 */
import t from 'tap';
import { Client } from '../../hypervisor/page/client.ts';
import { type Known, Live } from '../../hypervisor/page/live.ts';
import { owned, shaped } from '../api/owned.ts';

interface Test {
  teardown(run: () => unknown): void;
  fail(why: string): void;
}

/** In a browser, addresses begin at the page's own. */
function liveAt(t: Test, url: string, token: string): Live {
  const { fetch: whole } = globalThis;
  globalThis.fetch = (where, options) => {
    return whole(typeof where === 'string' && where.startsWith('/') ? url + where : where, options);
  };
  const live = new Live(new Client(token, () => t.fail('the token is good')));
  t.teardown(() => {
    live.stop();
    globalThis.fetch = whole;
  });
  return live;
}

function when(live: Live, isSo: (known: Known) => boolean): Promise<Known> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo(live.known)) return;
      forget();
      resolve(live.known);
    };
    const forget = live.subscribe(look);
    look();
  });
}

const shows = (name: string) => (known: Known) =>
  known.isLive && known.document !== undefined && 'use' in known.document
    ? known.document.name === name
    : false;

t.test('none, the first, another, and the one that is left', async (t) => {
  const { as, served, tokens } = await owned(t);
  const live = liveAt(t, served.url, tokens.ann);
  await live.start();
  const none = await when(live, ({ isLive }) => isLive);
  t.match(none, { self: { role: 'owner', quota: 'lab' }, document: undefined, why: '' });
  t.equal(none.self?.tenant, undefined);
  await as('ann', 'POST', '/networks', shaped('one', ['a', 'b']));
  await as('ann', 'POST', '/networks', shaped('two', ['c'], 'single'));
  await live.refresh();
  const first = await when(live, shows('one@ann'));
  t.match(first.network.vswitches, [{ name: 'one@ann/sw' }]);
  live.look('two@ann');
  t.strictSame(live.known.network.vswitches, [], 'nothing of the other meanwhile');
  const second = await when(live, (known) => shows('two@ann')(known) && known.events.length > 0);
  t.match(second.network.vswitches, [{ name: 'two@ann/sw' }]);
  t.notMatch(JSON.stringify(second.events), /one@ann/);
  await as('ann', 'POST', '/networks/two/pause', {});
  await when(live, ({ events }) => events.some(({ what }) => what === 'network paused'));
  await as('ann', 'DELETE', '/networks/two');
  await live.refresh();
  await when(live, shows('one@ann'));
  await as('ann', 'DELETE', '/networks/one');
  await live.refresh();
  await when(live, ({ self, isLive }) => self?.tenant === undefined && isLive);
  t.strictSame(live.known.network.vswitches, []);
  t.strictSame(live.known.events, []);
});
