/**
 * The command line without a hypervisor: answers on stdout, the rest on stderr, and exit codes.
 *
 * 0 done, 1 failed, 2 usage, 3 not reachable, 4 rejected (hypervisor/main.ts).
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { limevisor, program } from './cli.ts';
import { shortDir } from './running.ts';

const example = fileURLToPath(
  new URL('../../examples/live-migration/network.yaml', import.meta.url),
);

const bad = `datapaths: { s1: { dpid: 1 } }
tenants: { red: { vswitches: { v1: { dpid: 1, on: s2 } }, colour: red } }
`;

t.test('check: a good file', async (t) => {
  t.strictSame(limevisor('check', example), {
    code: 0,
    stdout: `${example} is fine: 4 datapaths, 6 vswitches, 4 hosts\n`,
    stderr: '',
  });
  const { code, stdout } = limevisor('check', '--json', example);
  t.strictSame(
    [code, JSON.parse(stdout)],
    [0, { file: example, ok: true, problems: [], remedies: [] }],
  );
});

t.test('check: a cable that is too small by its MTU', async (t) => {
  const text = readFileSync(example, 'utf8').replace(
    '- s1:3 - s3:1',
    '- { ends: s1:3 - s3:1, mtu: 1500 }',
  );
  const file = join(t.testdir({ 'small.yaml': text }), 'small.yaml');
  const { code, stdout } = limevisor('check', file);
  t.equal(code, 0, 'it can be run');
  t.match(stdout, /can be run, with 1 warning: .*\n {2}cable s1:3 - s3:1: its MTU of 1500 /);
});

t.test('check: a bad file, every problem', async (t) => {
  const file = join(t.testdir({ 'bad.yaml': bad }), 'bad.yaml');
  t.strictSame(limevisor('check', file), {
    code: 4,
    stdout: '',
    stderr: [
      `limevisor: ${file} has 2 problems:`,
      '  tenants.red: has the unknown key "colour"; known: ' +
        'controllers, openflow, buffers, redial, vswitches, hosts, links, tls, limits, importance',
      `    line 2: ${bad.split('\n')[1]}`,
      '  tenants.red.vswitches.v1.on: names the datapath "s2", which is not in "datapaths"; ' +
        'known: s1',
      `    line 2: ${bad.split('\n')[1]}`,
      '',
    ].join('\n'),
  });
  const { code, stdout } = limevisor('check', '--json', file);
  t.equal(code, 4);
  t.match(JSON.parse(stdout), {
    ...{ file, ok: false },
    problems: [{ path: 'tenants.red', line: 2, text: /^tenants: / }, {}],
  });
});

t.test('a slip is answered with what to type', async (t) => {
  t.match(limevisor('migrate'), {
    code: 2,
    stderr: /usage: limevisor migrate .*<names...>; "limevisor help migrate" says more\n$/,
  });
  t.match(limevisor('help', 'migrat'), { code: 2, stderr: /no command "migrat"; did you mean mi/ });
  t.match(limevisor('help', 'migrate'), { code: 0, stdout: /^Usage: limevisor migrate/ });
  t.match(limevisor('help'), { code: 0, stdout: /^Usage: limevisor/ });
});

t.test('check: folders that are not there', async (t) => {
  const text = readFileSync(example, 'utf8').replace(/^control:.*$/m, 'control: /nope/x.sock');
  const file = join(t.testdir({ 'x.yaml': text }), 'x.yaml');
  const { code, stderr } = limevisor('check', file);
  t.equal(code, 4);
  t.match(stderr, / {2}control: there is no folder \/nope; make it, or change "control"/);
});

t.test('check: no YAML, a key twice, nothing, no file', async (t) => {
  const dir = t.testdir({
    'broken.yaml': 'datapaths: [\n',
    'twice.yaml': 'datapaths: {}\ntenants: {}\ntenants: {}\n',
    'empty.yaml': '',
  });
  const says = (name: string) => {
    const { code, stdout, stderr } = limevisor('check', join(dir, name));
    t.equal(code, 4, name);
    t.equal(stdout, '', name);
    t.notMatch(stderr, /\bat .*:\d+:\d+/, `${name}: no stack trace`);
    return stderr;
  };
  t.match(says('broken.yaml'), /line \d+: /);
  t.match(says('twice.yaml'), /line 3: .*unique/);
  t.match(says('empty.yaml'), /problem/);
  t.match(says('missing.yaml'), /cannot be read: no such file/);
  t.match(says('.'), /cannot be read: it is a folder/);
});

t.test('check: a file that explodes is a problem of the file', async (t) => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...bombs()].join('\n');
  const { code, stderr } = limevisor('check', join(t.testdir({ 'bomb.yaml': bomb }), 'bomb.yaml'));
  t.equal(code, 4);
  t.match(stderr, /1 problem.*\n.*alias/);
});

/** Aliases of aliases: nine to the ninth of them. */
function bombs(): readonly string[] {
  return Array.from('bcdefghi', (name, i) => {
    const last = 'abcdefgh'[i];
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${last}`).join(', ')}]`;
  });
}

t.test('run: a bad file is refused with all its problems', async (t) => {
  const file = join(t.testdir({ 'bad.yaml': bad }), 'bad.yaml');
  const { code, stdout, stderr } = limevisor('run', file);
  t.ok(code === 1 || code === 4, `exit code ${code}`);
  t.equal(stdout, '');
  const lines = stderr.split('\n').map((one) => one.slice(0, one.indexOf(': ') + 2));
  t.match(stderr, /has 2 problems:\n/);
  const places = ['  tenants.red: ', '    line 2: ', '  tenants.red.vswitches.v1.on: '];
  t.strictSame(lines.slice(1, 5), [...places, '    line 2: ']);
});

t.test('run: a log level that does not exist', async (t) => {
  const { code, stderr } = limevisor('run', '--log', 'loud', example);
  t.equal(code, 2);
  t.match(stderr, /"loud" is not a log level; known: error, warn, info, debug/);
});

t.test('usage: what was probably meant, and exit code 2', async (t) => {
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['stauts'], /unknown command 'stauts'\n\(Did you mean status\?\)/],
    [['chek', example], /Did you mean check\?/],
    [['status', '--jsn'], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
    [['check'], /missing required argument 'file'/],
    [['migrate'], /missing required argument 'names'/],
    [['flows'], /missing required argument 'vswitch'/],
    [[], /Usage: limevisor/],
  ];
  for (const [args, says] of wrong) {
    const { code, stdout, stderr } = limevisor(...args);
    t.equal(code, 2, args.join(' '));
    t.equal(stdout, '', args.join(' '));
    t.match(stderr, says, args.join(' '));
    if (args.length > 0) t.match(stderr, /^limevisor: /, args.join(' '));
  }
});

t.test('completion: what bash makes of it', async (t) => {
  const { code, stdout } = limevisor('completion', 'bash');
  t.equal(code, 0);
  const completed = (...words: readonly string[]) => {
    const args = words.map((one) => `'${one}'`).join(' ');
    const line = `COMP_WORDS=(limevisor ${args}); COMP_CWORD=${words.length}; _limevisor`;
    const script = `${stdout}\n${line}; echo "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
  };
  t.equal(completed('stat'), 'status');
  t.equal(completed('mig'), 'migrate migrations');
  t.equal(completed('status', '--d'), '--datapath --down');
  t.equal(completed('--socket', '/x', 'wa'), 'wait');
  t.equal(completed('check', example.slice(0, -4)), example);
  for (const shell of ['zsh', 'fish']) {
    const other = limevisor('completion', shell).stdout;
    for (const word of ['migrate', 'dry-run', 'what each tenant uses']) t.match(other, word, shell);
  }
  t.match(limevisor('completion', 'tcsh'), { code: 2, stderr: /"tcsh" is not a shell that is/ });
});

t.test('a socket is for commands that ask somebody', async (t) => {
  const { code, stderr } = limevisor('--socket', '/tmp/x', 'check', example);
  t.equal(code, 2);
  t.match(stderr, /^limevisor: "check" has no option --socket; it talks to no running limevisor/);
});

t.test('help is an answer', async (t) => {
  const { code, stdout, stderr } = limevisor('--help');
  t.strictSame([code, stderr], [0, '']);
  for (const command of ['run', 'check', 'status', 'flows', 'migrate', 'undo']) {
    t.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
  }
  t.match(stdout, /Exit codes: 0 done, .*5 begun but undone\.\n.*LIMEVISOR_SOCKET.*\n.*GUIDE/);
});

t.test('the version is an answer; what is no number is no migration', async (t) => {
  t.match(limevisor('--version'), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' });
  for (const id of ['x', '', '1e3', '-1']) {
    const { code, stderr } = limevisor('undo', '--', id);
    t.equal(code, 2, id);
    t.equal(
      stderr,
      `limevisor: "${id}" is not a migration's number; "limevisor status" lists them\n`,
    );
  }
});

t.test('nobody reads the answer, or it cannot be written: no crash', async (t) => {
  const shell = (text: string) =>
    spawnSync('bash', ['-c', text, program, example], { encoding: 'utf8' });
  const pipe = shell('set -o pipefail; for i in 1 2 3; do "$0" check "$1" | true; done');
  t.equal(pipe.stderr, '', 'silence');
  const full = shell('"$0" check "$1" > /dev/full');
  t.equal(full.status, 1);
  t.match(full.stderr, /^limevisor: the answer could not be written: no space left on device\n$/);
});

t.test('nobody there: exit code 3, and what to do', async (t) => {
  const socket = join(shortDir(t), 'none.sock');
  const asking = [
    ['status'],
    ['flows', 'red/v1'],
    ['migrate', 'red/v3', '--to', 's4'],
    ['undo', '1'],
  ];
  for (const args of asking) {
    const { code, stdout, stderr } = limevisor(...args, '--socket', socket);
    t.strictSame([code, stdout], [3, ''], args.join(' '));
    t.match(stderr, /^limevisor: no limevisor answers at .*none\.sock .*run FILE.*\n$/);
    const before = limevisor('--socket', socket, ...args);
    t.strictSame(before, { code, stdout, stderr }, 'the same before the command');
  }
});

t.test('snoop: a capture replaces an older one, and no other file', async (t) => {
  const dir = shortDir(t);
  const at = (name: string): string => join(dir, name);
  for (const [name, text] of Object.entries({ 'a.yaml': bad, short: 'x', empty: '' }))
    writeFileSync(at(name), text);
  const snoop = (name: string) =>
    limevisor('snoop', 'red/v1', '--pcap', at(name), '--socket', at('nobody'));
  for (const name of ['a.yaml', 'short']) {
    const stderr = / cannot be written: it is there already, and is no capture of ours; name ano/;
    t.match(snoop(name), { code: 2, stderr }, name);
  }
  t.equal(readFileSync(at('a.yaml'), 'utf8'), bad, 'it is what it was');
  for (const name of ['empty', 'empty', 'new']) t.match(snoop(name), { code: 3 }, name);
});
