/**
 * What a command of the command line loads before it says anything: no more than it needs. A module
 * costs half a millisecond; all of the product was 370 of them.
 */
import { spawnSync } from 'node:child_process';
import t from 'tap';

const counting = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  let count = 0;
  registerHooks({ load(url, context, next) {
    if (url.includes('/hypervisor/') || url.includes('/slices/') || url.includes('/translation/') ||
      url.includes('/openflow/')) count += 1;
    return next(url, context);
  } });
  process.on('exit', () => console.error('modules ' + count));
`)}`;

/** Of ours, that are loaded when nobody is there to be asked. */
function modulesOf(...words: readonly string[]): number {
  const socket = '/nonexistent/limevisor.sock';
  const argv = ['--disable-warning=ExperimentalWarning', '--import', counting];
  const { stderr } = spawnSync(process.execPath, [...argv, 'hypervisor/main.ts', ...words], {
    encoding: 'utf8',
    env: { ...process.env, LIMEVISOR_SOCKET: socket },
  });
  return Number(/modules (\d+)/.exec(stderr)?.[1]);
}

t.test('each command loads what it needs', async (t) => {
  const most: readonly (readonly [modules: number, ...words: readonly string[]])[] = [
    [30, '--help'],
    [30, 'status', '--help'],
    [60, 'status'],
    [50, 'doctor'],
    [50, 'migrate', 'red/v1', '--to', 's2'],
    [60, 'migrations'],
    [50, 'flows', 'red/v1'],
  ];
  for (const [modules, ...words] of most) {
    const loaded = modulesOf(...words);
    t.ok(loaded > 5 && loaded <= modules, `${words.join(' ')} loads ${loaded} of ours`);
  }
});
