/**
 * `limevisor show` and `limevisor diff`: what they print, and what they tell a script.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { serveControl } from '../../hypervisor/api/serving.ts';
import { configOf as configOfFile } from '../../hypervisor/operator/file.ts';
import { fileText } from '../../hypervisor/operator/file-text.ts';
import { readConfig } from '../../slices/config/config.ts';
import { Random } from '../openflow/random.ts';
import { treeOf } from '../slices/networks.ts';
import { randomConfig } from '../slices/random-configs.ts';
import { type Ended, limevisor, program } from './cli.ts';
import { hypervisor, shortDir } from './running.ts';

const examples = ['live-migration', 'mininet'].map((name) =>
  fileURLToPath(new URL(`../../examples/${name}/network.yaml`, import.meta.url)),
);
const [example = ''] = examples;

/** As `limevisor`, while this process serves. */
function meanwhile(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const ended = execFile(program, args, { timeout: 240_000 }, (_, stdout, stderr) => {
      resolve({ code: ended.exitCode, stdout, stderr });
    });
  });
}

t.test('a printed file is short, and reads as what was printed', async (t) => {
  for (const file of examples) {
    const config = configOfFile(file);
    t.strictSame(readConfig(treeOf(fileText(config)), [], '/'), { config }, file);
  }
  for (let seed = 0; seed < 50; seed += 1) {
    const config = randomConfig(new Random(seed));
    const text = fileText(config, ['a comment']);
    t.strictSame(readConfig(treeOf(text), [], '/elsewhere'), { config });
  }
  t.match(fileText(configOfFile(example)), '\n      v1: { dpid: 0000000000000001, on: s1 }\n');
});

t.test('diff of two files: 0 where nothing differs, 2 where something does', async (t) => {
  const dir = shortDir(t);
  const changed = join(dir, 'changed.yaml');
  writeFileSync(changed, readFileSync(example, 'utf8').replace('3 }', '3, ack: barrier }'));
  t.match(limevisor('diff', example, example), { code: 0, stdout: /^no difference\n$/ });
  const { code, stdout } = limevisor('diff', example, changed);
  t.equal(code, 2);
  t.match(stdout, /^~ datapath s3: ack: automatic -> barrier\n/);
  t.match(limevisor('diff', example, '/nope.yaml'), { code: 4, stdout: '' });
  const json = JSON.parse(limevisor('diff', '--json', example, changed).stdout);
  const change = { kind: 'datapath', name: 's3', type: 'changed', fields: [{ field: 'ack' }] };
  t.match(json.changes, [change]);
  t.strictSame(json.seen, { red: [], blue: [] });
});

t.test('show prints what runs, and a file of it does not differ', async (t) => {
  const dir = shortDir(t);
  const socket = join(dir, 'control.sock');
  const server = await serveControl(hypervisor(), socket);
  t.teardown(() => server.close());
  const shown = await meanwhile('show', '--socket', socket);
  t.match(shown, { code: 0, stderr: '' });
  const file = join(dir, 'shown.yaml');
  writeFileSync(file, shown.stdout);
  const red = await meanwhile('show', 'red', '--socket', socket);
  t.match(red.stdout, /^# Without the other tenants/);
  t.notMatch(red.stdout, 'blue');
  t.match(await meanwhile('show', 'green', '--socket', socket), {
    code: 4,
    stderr: 'limevisor: there is no tenant "green"; known: red, blue\n',
  });
  const { code, stdout } = await meanwhile('diff', file, '--socket', socket);
  // The running one of this test has a relative store, which a file's folder completes.
  t.notMatch(stdout, /datapath|cable|tenant red|tenant blue/);
  t.equal(code, 2);
});
