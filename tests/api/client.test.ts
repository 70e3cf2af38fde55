/**
 * The client in examples/api-client: what it can ask, and gets, is what the document says, and it
 * does what a person would write it for.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Limevisor } from '../../examples/api-client/client.ts';
import { served } from './served.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const generated = `${root}examples/api-client/operations.ts`;

function run(program: string, args: readonly string[], input: string): string {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: root,
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

t.test('operations.ts is what the document says (UPDATE_GOLDEN=1 prints it anew)', async (t) => {
  const { ask } = await served(t);
  const document = await (await ask('/api/v1/openapi.json')).text();
  const printed = run(process.execPath, ['examples/api-client/generate.ts'], document);
  const biome = `${root}node_modules/.bin/biome`;
  const text = run(biome, ['format', '--stdin-file-path=operations.ts'], printed);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(generated, text);
  const operations = (all: string) => all.split(/^ {2}(?='[A-Z]+ \/)/m);
  const made = operations(text);
  t.ok(made.length > 40);
  t.strictSame(operations(readFileSync(generated, 'utf8')), made);
});

t.test('it asks, hears, and is refused', async (t) => {
  const { url, tokens, log } = await served(t);
  const limevisor = new Limevisor(url, tokens.operator);
  const { datapaths } = await limevisor.ask('GET /api/v1/topology');
  t.equal(datapaths[0]?.name, 's1');
  const query = { vswitch: 'red/v1' };
  t.equal((await limevisor.ask('GET /api/v1/flows', { query })).vswitch, 'red/v1');
  const body = { vswitch: 'red/v3', to: 's4', dryRun: true };
  await t.rejects(limevisor.ask('POST /api/v1/migrations', { body }), {
    status: 409,
    message: /cannot migrate:\n {2}datapath s3/,
  });
  const path = { migration: '7' };
  await t.rejects(limevisor.ask('POST /api/v1/migrations/{migration}/undo', { path }), {
    message: 'there is no migration 7',
  });
  log.info({ n: 1 }, 'one');
  for await (const { event, data } of limevisor.listen('GET /api/v1/events', {
    query: { since: 0 },
  })) {
    if (!JSON.stringify(data).includes('"one"')) continue;
    t.match({ event, data }, { event: 'event', data: { what: 'one' } });
    break;
  }
});
