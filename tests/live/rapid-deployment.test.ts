/**
 * Three copies of a tenant in one command, on real switches (examples/rapid-deployment/): each is
 * placed and has all rules, and its hosts reach its own.
 */
import t from 'tap';
import { isWhole, run } from '../../examples/rapid-deployment/rapid-deployment.ts';

t.test('three copies of a tenant', async (t) => {
  const lines: string[] = [];
  const seen = await run((line) => lines.push(line));
  t.ok(isWhole(seen), JSON.stringify(seen.wrong));
  t.equal(Object.keys(seen.wrong).length, 4);
  t.equal(seen.rules, 3 * 3 * 501);
  t.match(lines.join('\n'), /red4\/v3 on s\d with 501 rules/);
});
