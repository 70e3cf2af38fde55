/**
 * Copies of vswitches in the configuration: what stays when another file is applied, and that they
 * end with the process that made them.
 */
import t from 'tap';
import type { Applied } from '../../hypervisor/migrate/applying.ts';
import { mirrorMethods } from '../../hypervisor/operator/control-mirrors.ts';
import {
  carried,
  copyNameOf,
  isCopyName,
  mirrorsIn,
  withMirrors,
  withoutCopies,
} from '../../slices/config/mirrors.ts';
import type { Config, PhysicalEnd } from '../../slices/config/values.ts';
import { configOf, vswitchName } from '../slices/networks.ts';
import { misordered } from '../support/intent.ts';
import { memoryStore } from '../support/memory-store.ts';
import { blue, textOf } from './apply-texts.ts';
import { FakeNetwork } from './fake-switches.ts';

const red = `
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]`;

const config = configOf(textOf(red, blue));
const names = [vswitchName('red/v1'), vswitchName('red/v2')];
const end = (device: string, port: number) => ({ device, port }) as PhysicalEnd;

function fine(made: Config | { readonly why: string }): Config {
  if ('why' in made) throw new Error(made.why);
  return made;
}

t.test('a copy has the ports of its original, each with a VLAN of its own', async (t) => {
  const mirrored = fine(withMirrors(config, names, end('s3', 9)));
  const vlans = mirrorsIn(mirrored).flatMap((one) => [...one.vlans.values()]);
  t.strictSame(vlans, [1, 2, 3, 4]);
  t.ok(mirrored.vswitches.filter(({ name }) => isCopyName(name)).length === 2);
  t.strictSame(withoutCopies(mirrored), config);
  const again = fine(withMirrors(mirrored, [vswitchName('red/v2')], end('s3', 9)));
  t.strictSame(mirrorsIn(again), mirrorsIn(mirrored), 'what is there stays');
  t.match(withMirrors(config, names, end('s1', 3)), { why: /an end of the link s1:3 - s3:1/ });
});

t.test('another file keeps the copies of what it still has', async (t) => {
  const mirrored = fine(withMirrors(config, names, end('s3', 9)));
  t.strictSame(fine(carried(config, mirrored)), mirrored);
  const less = configOf(textOf(red.replace(/, v2: .*\}/, ' }').replace(/, h2.*\n.*/, ' }'), blue));
  t.strictSame(
    mirrorsIn(fine(carried(less, mirrored))).map(({ name }) => name),
    ['red/v1'],
  );
  const taken = configOf(textOf(red.replace('at: s2:1', 'at: s3:9'), blue));
  t.match(carried(taken, mirrored), { why: /red\/v1 is mirrored to s3:9, .*--off" first/ });
});

t.test('it ends with the process: the next start has nothing of it', async (t) => {
  const store = memoryStore();
  const network = FakeNetwork.started(textOf(red, blue), store);
  const { hypervisor } = network;
  let ended: Applied | undefined;
  const mirrored = fine(withMirrors(hypervisor.snapshot().config, names, end('s3', 9)));
  const asked = { isWhole: true, entries: () => [] } as const;
  hypervisor.applying.apply('a mirror', mirrored, (applied) => (ended = applied), asked);
  network.run(2_000);
  t.strictSame(ended && 'done' in ended && ended.done, []);
  const copy = copyNameOf(vswitchName('red/v2'));
  t.ok(hypervisor.runtime(copy));
  t.strictSame(hypervisor.datapaths().flatMap(misordered), []);
  hypervisor.stop('the end');
  const next = FakeNetwork.started(textOf(red, blue), store).hypervisor;
  t.equal(next.runtime(copy), undefined);
  t.strictSame(next.departures.all(), []);
});

t.test('where there is one table it is refused, with what to do instead', async (t) => {
  const flat = textOf(red, blue).replace(/s2: \{ dpid: 2/, 's2: { encoding: flat, dpid: 2');
  const { hypervisor } = FakeNetwork.started(flat);
  const asked = (name: string, to: string): string => {
    let said = '';
    const error = (_: string, why: string): void => {
      said = why;
    };
    const reply = { result: () => undefined, error };
    mirrorMethods.mirror(hypervisor, { names: [name], to }, reply);
    return said;
  };
  t.match(
    asked('red/v1', 's2:9'),
    /^red\/v1 cannot be mirrored: s2 has one table .*; name one .* red\/v1 --to s2"$/,
  );
  t.match(
    asked('red/v2', 's3:9'),
    /^red\/v2 cannot be mirrored: s2, where it lives, .*; migrate it to one .* first$/,
  );
});
