/**
 * Stores of every format that there ever was start for ever, and mean what they meant.
 *
 * tests/golden/store/version-N.hex was written by the code of its time and never changes;
 * version-N.txt is what it means. `UPDATE_GOLDEN=1` writes both anew for the newest format only,
 * which is right until a release has written it.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Journal } from '../../hypervisor/store/journal.ts';
import { openStore, readStore } from '../../hypervisor/store/store.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { printFlow } from '../../openflow/print/print.ts';
import { flowStats } from '../../translation/controllers/statistics.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { FakeWorld } from './fake-world.ts';
import { goldenText, keepGolden } from './golden-store.ts';

const NEWEST = 2;
const golden = (name: string) => new URL(`../golden/store/${name}`, import.meta.url);
const random = () => 0.25;

/** A line for everything that a store means. */
function meaningOf(store: Store): string {
  const { remembered, migrations, portCounters } = new Journal(new FakeWorld(), store).load();
  const text = (value: unknown): string => JSON.stringify(value);
  const { ids, placements, taggedWays, portConfigs, encodings } = remembered;
  const lines = [
    ...[...ids].map((one) => `id ${text(one)}`),
    ...[...placements].map(([name, { homes, ...on }]) => {
      return `placement ${name} ${text({ ...on, homes: [...homes] })}`;
    }),
    `tags ${text([...taggedWays.byKey])} last ${taggedWays.last}`,
    ...[...portConfigs].map(([name, configs]) => `ports ${name} ${text([...configs])}`),
    `encodings ${text([...encodings])}`,
    `counts of ports of ${[...portCounters.keys()].join(', ')}`,
    ...migrations.map(({ phases: _, ...one }) => `migration ${text(one)}`),
  ];
  const { hypervisor, world } = new FakeNetwork(goldenText, store);
  for (const { vswitch, rulebook, groups, meters } of hypervisor.runtimes()) {
    for (const { groupId, buckets, below } of groups.table.groups()) {
      lines.push(`${vswitch.name} group ${groupId} below ${below} ${text(buckets)}`);
    }
    for (const { meterId, bands, below } of meters.table.meters()) {
      lines.push(`${vswitch.name} meter ${meterId} below ${below} ${text(bands)}`);
    }
    for (const rule of rulebook.rules()) {
      const row = { ...flowStats(rule, world.now), durationSec: 0, durationNsec: 0 };
      lines.push(`${vswitch.name} rule ${rule.serial} ${printFlow(row)}`);
    }
  }
  lines.push(`left out: ${[...hypervisor.alarms.keys()].join('; ')}`);
  return `${lines.join('\n')}\n`;
}

/** Made of bytes in lines of hex. */
function fileOf(dir: string, version: number): string {
  const file = join(dir, 'limevisor.db');
  const hex = fs.readFileSync(golden(`version-${version}.hex`), 'utf8');
  fs.writeFileSync(file, Buffer.from(hex.replace(/\s/g, ''), 'hex'));
  return file;
}

/** The newest format, from a network that lives now. */
async function rewrite(dir: string): Promise<void> {
  const file = join(dir, 'limevisor.db');
  const kept = memoryStore();
  keepGolden(kept);
  const store = openStore(file, random);
  for (const group of kept.load()) {
    await new Promise<void>((done) => store.append(group, done));
  }
  store.close();
  const hex = fs.readFileSync(file).toString('hex').replace(/.{64}/g, '$&\n');
  fs.writeFileSync(golden(`version-${NEWEST}.hex`), `${hex.trimEnd()}\n`);
}

for (let version = 1; version <= NEWEST; version++) {
  t.test(`a store of format ${version} means what it meant`, async (t) => {
    const isUpdate = process.env['UPDATE_GOLDEN'] === '1' && version === NEWEST;
    if (isUpdate) await rewrite(t.testdir());
    const file = fileOf(t.testdir(), version);
    const checked = readStore(file);
    const inFile = [...checked.scan()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    t.ok(inFile > 1_000, 'it can be read as it is');
    checked.close();
    const store = openStore(file, random);
    const meaning = meaningOf(store);
    store.close();
    const text = golden(`version-${version}.txt`);
    if (isUpdate) fs.writeFileSync(text, meaning);
    t.equal(meaning, fs.readFileSync(text, 'utf8'));
    const head = fs.readFileSync(file).subarray(0, 16).toString('latin1');
    t.equal(head, `limevisor log ${NEWEST}\n`, 'it has the newest format now');
    const again = openStore(file, random);
    t.equal(meaningOf(again), meaning, 'and means the same');
    again.close();
  });
}

t.test('a store of a later format is refused, and left as it is', async (t) => {
  const file = fileOf(t.testdir(), NEWEST);
  const bytes = fs.readFileSync(file);
  bytes.write(String(NEWEST + 1), 14, 'latin1');
  fs.writeFileSync(file, bytes);
  const message = new RegExp(
    `cannot open the store .*: a newer limevisor wrote it, in format ${NEWEST + 1}, ` +
      'and this one knows 1 and 2; start the newer one, or restore a copy',
  );
  t.throws(() => openStore(file, random), { message });
  t.throws(() => readStore(file), { message: /cannot read the store .*: a newer limevisor/ });
  t.strictSame(fs.readFileSync(file), bytes);
});
