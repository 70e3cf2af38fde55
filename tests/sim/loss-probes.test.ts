/**
 * Loss probes in simulations: where nothing is lost all of them come up, once each, and nobody sees
 * one: not a host, not a controller, not a counter. Where packets are lost, some are.
 */
import t from 'tap';
import { allOver, type Options, run } from './scenario.ts';

function probed(options: Options) {
  const result = run({ probe: true, ...options });
  const all = result.migrations.flatMap((one) => one.probed ?? []);
  const sum = (of: (one: (typeof all)[number]) => number): number =>
    all.reduce((rest, one) => rest + of(one), 0);
  return {
    ...{ result, all },
    ...{ sent: sum(({ sent }) => sent), lost: sum(({ lost }) => lost) },
    twice: sum(({ twice }) => twice),
  };
}

for (const seed of [3, 4, 5, 6]) {
  t.test(`seed ${seed}: nothing is lost, and nobody sees a probe`, async (t) => {
    const { result, all, sent, lost, twice } = probed({ seed });
    t.ok(allOver(result), 'migrations end');
    t.equal(all.length, result.migrations.length, 'each has what it measured');
    t.ok(sent > 100, `${sent} were sent`);
    t.strictSame([lost, twice], [0, 0]);
    t.strictSame(result.findings.foreign, [], 'isolation');
    t.strictSame(result.findings.doubled, [], 'no frame twice');
    t.strictSame(result.findings.broken, [], 'transparency');
    t.strictSame(result.lost, { red: 0, blue: 0 });
  });
}

t.test('what is frozen loses them', async (t) => {
  const { result, sent, lost } = probed({ seed: 3, strategy: 'freeze' });
  t.ok(allOver(result), 'migrations end');
  t.ok(lost > 0 && lost < sent, `${lost} of ${sent} were lost`);
  t.strictSame(result.findings.foreign, [], 'isolation');
  for (const { ports, lost } of result.migrations.flatMap((one) => one.probed ?? [])) {
    t.equal(
      ports.reduce((sum, one) => sum + one.lost, 0),
      lost,
    );
  }
});

t.test('a restart in the middle ends measuring, and says so', async (t) => {
  const { result, all } = probed({ seed: 5, crash: true });
  t.ok(allOver(result), 'migrations end');
  t.match(
    all.flatMap(({ unseen }) => unseen ?? []),
    /restarted|^$/,
  );
  t.strictSame(result.findings.foreign, [], 'isolation');
});

t.test('where there is one table it is refused', async (t) => {
  const { result } = probed({ seed: 3, old: 'all' });
  t.match(result.refused[0], /cannot be probed: s[0-9] has one table; leave out "--probe"/);
});
