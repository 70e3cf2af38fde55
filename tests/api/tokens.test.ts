/**
 * Tokens: only who has one is let in, and who reads their file has none.
 */
import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { Tokens } from '../../hypervisor/api/tokens.ts';
import { freshSecret } from '../../hypervisor/world/node-world.ts';
import { shortDir } from '../hypervisor/running.ts';

function scene(t: { teardown(run: () => void): void }) {
  const file = join(shortDir(t), 'x.tokens');
  const clock = { nowMs: 1_000 };
  const world = { freshSecret, wallClockMs: () => clock.nowMs };
  return { file, clock, world, tokens: new Tokens(file, world) };
}

t.test('a token is found again, also after a restart, and nowhere in the file', async (t) => {
  const { file, world, tokens } = scene(t);
  const made = tokens.make({ name: 'ann', role: 'owner', tenant: 'red' });
  if ('whyNot' in made) throw new Error(made.whyNot);
  t.match(made.token, /^limevisor_[A-Za-z0-9_-]{43}$/);
  const again = new Tokens(file, world);
  for (const one of [tokens, again]) {
    t.strictSame(one.find(made.token), { name: 'ann', role: 'owner', tenant: 'red' });
  }
  t.equal(tokens.find(`${made.token}x`), undefined);
  t.notMatch(readFileSync(file, 'utf8'), made.token.slice('limevisor_'.length));
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.match(again.all(), [{ id: /^[0-9a-f]{12}$/, name: 'ann', role: 'owner', madeMs: 1_000 }]);
});

t.test('one that is revoked, or over, is nobody’s', async (t) => {
  const { file, clock, world, tokens } = scene(t);
  const made = tokens.make({ name: 'a', role: 'viewer', expiresMs: 2_000 });
  const other = tokens.make({ name: 'b', role: 'operator' });
  if ('whyNot' in made || 'whyNot' in other) throw new Error('no token');
  t.ok(tokens.find(made.token));
  clock.nowMs = 2_000;
  t.equal(tokens.find(made.token), undefined);
  t.match(tokens.revoke('b'), { name: 'b' });
  t.equal(tokens.revoke('b'), undefined);
  t.equal(tokens.find(other.token), undefined);
  t.equal(new Tokens(file, world).find(other.token), undefined);
});

t.test('what cannot be, and a file that is no such', async (t) => {
  const { file, world, tokens } = scene(t);
  tokens.make({ name: 'a', role: 'viewer' });
  t.match(tokens.make({ name: 'a', role: 'viewer' }), { whyNot: /there is a token "a" already/ });
  t.match(tokens.make({ name: 'o', role: 'owner' }), {
    whyNot: /say what it owns: --tenant TENANT, or --quota/,
  });
  writeFileSync(file, '{"sha256":"x"}\n');
  t.throws(() => new Tokens(file, world), /line 1, is no token of ours/);
});

t.test('what cannot be written is not made, and what is revoked lets nobody in', async (t) => {
  const { file, world, tokens } = scene(t);
  const made = tokens.make({ name: 'a', role: 'viewer' });
  if ('whyNot' in made) throw new Error(made.whyNot);
  // Its next version cannot be there.
  const inTheWay = join(dirname(file), `.${basename(file)}.new`);
  mkdirSync(inTheWay);
  t.match(tokens.make({ name: 'b', role: 'viewer' }), { whyNot: /cannot be written/ });
  t.equal(tokens.all().length, 1);
  t.match(tokens.revoke('a'), { whyNot: /nobody is let in by it.*revoke it again/ });
  t.equal(tokens.find(made.token), undefined);
  t.ok(new Tokens(file, world).find(made.token), 'a restart would find it');
  rmdirSync(inTheWay);
  t.match(tokens.revoke('a'), { name: 'a' });
  t.equal(new Tokens(file, world).find(made.token), undefined);
});
