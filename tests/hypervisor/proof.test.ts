/**
 * Acknowledgements by Open vSwitch's own word (hypervisor/datapath/in-force.ts): two rounds of its
 * revalidators last a second where nothing changes, so something does until they are over.
 */
import t from 'tap';
import { flowCommand } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { datapath as named, twoDatapaths } from '../slices/networks.ts';
import { FakeNetwork } from './fake-switches.ts';

const S1 = named('s1');

function started() {
  const network = FakeNetwork.started(twoDatapaths('proof /run/x.ctl'));
  const { proofs } = network.world;
  const answer = (isProved: boolean): void => {
    proofs.shift()?.(isProved);
    network.run(1);
  };
  while (proofs.length > 0) answer(true);
  network.switch('s1').changes();
  const told: boolean[] = [];
  const { hypervisor } = network;
  const prove = (): void =>
    hypervisor.inForce.prove(hypervisor.datapath(S1), (isProved) => void told.push(isProved));
  /** What has become of the entry that changes nothing: true as it came, false as it went. */
  const flips = (): readonly boolean[] =>
    network
      .switch('s1')
      .changes()
      .flatMap((one) => {
        const isOne = one.type === 'flowMod' && readCookie(one.cookie)?.kind === 'recount';
        return isOne ? [one.command === flowCommand.add] : [];
      });
  return { network, proofs, answer, told, prove, flips };
}

t.test('an entry comes and goes until two rounds are over, and is gone then', async (t) => {
  const { network, proofs, answer, told, prove, flips } = started();
  prove();
  network.run(100);
  t.equal(proofs.length, 1, 'one round is waited for');
  const before = flips();
  t.ok(before.length > 10, `it came and went ${before.length} times`);
  t.ok(
    before.every((isThere, i) => isThere === (i % 2 === 0)),
    'in turn',
  );
  answer(true);
  t.same(told, [], 'the round that is over may have begun before');
  answer(true);
  network.run(20);
  t.same(told, [true]);
  const all = [...before, ...flips()];
  t.equal(all.length % 2, 0, 'it is gone');
  network.run(1_000);
  t.same(flips(), [], 'and comes no more');
});

t.test('who asks meanwhile shares the next, which does not follow at once', async (t) => {
  const { network, proofs, answer, told, prove, flips } = started();
  prove();
  network.run(100);
  prove();
  prove();
  answer(true);
  answer(true);
  network.run(20);
  t.same(told, [true]);
  t.same([proofs.length, flips().length % 2], [0, 0], 'as long as it took nothing is asked');
  network.run(150);
  t.equal(proofs.length, 1);
  answer(true);
  answer(true);
  network.run(20);
  t.same(told, [true, true, true]);
});

t.test('no proof: told, and the entry is gone', async (t) => {
  const { network, answer, told, prove, flips } = started();
  prove();
  network.run(11);
  answer(false);
  network.run(20);
  t.same(told, [false]);
  t.equal(flips().length % 2, 0);
});

t.test('a switch that does not answer is not troubled for ever', async (t) => {
  const { network, answer, told, prove, flips } = started();
  prove();
  network.run(30_000);
  t.equal(flips().length, limits.revalidatedFlipsMax);
  network.run(1_000);
  t.same(flips(), [], 'it rests');
  answer(true);
  answer(true);
  network.run(20);
  t.same(told, [true], 'and an answer counts all the same');
});
