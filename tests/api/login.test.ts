/**
 * The command line from afar: over TLS, with a token that is no argument, to the server that showed
 * this certificate at the login and to no other.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { tlsOptions } from '../../hypervisor/world/tls-socket.ts';
import type { TlsFiles } from '../../slices/config/tls.ts';
import { type Ended, program } from '../hypervisor/cli.ts';
import { Authority } from '../support/certificates.ts';
import { type Served, served } from './served.ts';

/** As a person with this folder for files of their own, who types a token or names its file. */
function person(dir: string) {
  const env = { ...process.env, XDG_CONFIG_HOME: dir, LIMEVISOR_SOCKET: undefined };
  return (args: readonly string[], typed = ''): Promise<Ended> =>
    new Promise((resolve) => {
      const options = { timeout: 240_000, env };
      const ended = execFile(program, args, options, (_, stdout, stderr) => {
        resolve({ code: ended.exitCode, stdout, stderr });
      });
      ended.stdin?.end(typed);
    });
}

async function overTls({ api }: Served, files: TlsFiles, port = 0) {
  const server = https.createServer(tlsOptions(files), api.handle).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, close };
}

t.test('login, commands, and a server that is another one', async (t) => {
  const scene = await served(t);
  const { dir, tokens } = scene;
  const authority = new Authority(dir, 'ours');
  const [own, other] = [authority.issue('limevisor'), authority.issue('switch')];
  const real = await overTls(scene, own);
  const url = `https://127.0.0.1:${real.port}`;
  const run = person(dir);
  t.match(await run(['login', url], tokens.operator), { code: 4, stderr: /--ca FILE.*--fingerpr/ });
  t.match(await run(['login', url, '--ca', other.certificate], 'x'), { code: 4 });
  t.match(await run(['login', url, '--ca', own.ca], 'limevisor_wrong'), {
    code: 4,
    stderr: /this token is not known/,
  });
  t.match(await run(['contexts']), { stdout: /^no context/ }, 'nothing is left of it');
  const file = join(dir, 'token');
  writeFileSync(file, `${tokens.viewer}\n`);
  const login = ['login', url, '--ca', own.ca, '--token-file', file, '--name', 'lab'];
  t.match(await run(login), { code: 0, stdout: /the viewer, viewer; .* --context lab\n$/ });
  t.match(await run(['status']), { code: 0, stdout: /^DATAPATH.*\ns1 / });
  t.match(await run(['undo', '7']), { code: 4, stderr: /is a viewer's; this is for an operator/ });
  t.match(await run(['--context', 'nope', 'status']), { code: 2, stderr: /no context "nope"/ });
  const kept = join(dir, 'limevisor', 'contexts.json');
  t.equal(statSync(kept).mode & 0o777, 0o600);
  t.notMatch(readFileSync(kept, 'utf8'), tokens.operator);
  await real.close();
  const impostor = await overTls(scene, other, real.port);
  t.match(await run(['status']), { code: 3, stderr: /limevisor: no limevisor answers/ });
  await impostor.close();
});

t.test('by a fingerprint, several at once, and logged out', async (t) => {
  const scene = await served(t);
  const { dir, tokens, url } = scene;
  const files = new Authority(dir, 'ours').issue('limevisor');
  const real = await overTls(scene, files);
  const at = `https://127.0.0.1:${real.port}`;
  const run = person(dir);
  const refused = await run(['login', at, '--fingerprint', 'sha256:00'], 'x');
  const [, shown = ''] = /fingerprint sha256:([0-9A-F:]{95})/.exec(refused.stderr) ?? [];
  t.equal(refused.code, 4);
  const login = ['login', at, '--fingerprint', shown, '--name', 'one'];
  t.match(await run(login, tokens.owner), { code: 0, stdout: /the owner, owner of red/ });
  t.match(await run(['login', url, '--name', 'two'], tokens.operator), { code: 0 });
  t.match(await run(['contexts']), { stdout: /\* +two +http:.*|one +https:/s });
  t.match(await run(['--context', 'one', 'status']), { code: 4, stderr: /this is for a viewer/ });
  t.match(await run(['contexts', 'none']), { stdout: /go to the socket/ });
  t.match(await run(['logout', 'two']), { code: 0 });
  t.match(await run(['login', 'http://192.0.2.1:8640'], 'x'), {
    code: 2,
    stderr: /only this mach/,
  });
  await real.close();
});

t.test('what is mistyped, and a place that is not there, are named', async (t) => {
  const { dir, tokens, url } = await served(t);
  const run = person(dir);
  const empty = join(dir, 'empty');
  writeFileSync(empty, '');
  t.match(await run(['login', url, '--token-file', empty]), {
    code: 2,
    stderr: /empty holds no t/,
  });
  t.match(await run(['login', url, '--name', 'lab'], tokens.operator), { code: 0 });
  const refused: readonly (readonly [string, RegExp])[] = [
    ['pause lab --for 3d', /"network pause" takes no --for; it is for create, template, extend/],
    ['extend lab --for 3d --dry-run', /"network extend" takes no --dry-run; it is for /],
    ['delete lab --wait', /"network delete" takes no --wait; /],
    ['list --hosts a', /"network list" takes no --hosts; it is for template/],
    ['controllers lab', /write "network controllers NAME tcp:ADDRESS:PORT/],
    ['template tree --for 3 days', /"days" is too much; write "network template SHAPE"/],
    ['flows', /write "network flows NAME\/VSWITCH"/],
  ];
  for (const [line, stderr] of refused) {
    t.match(await run(['network', ...line.split(' ')]), { code: 2, stderr }, line);
  }
  const file = join(dir, 'my.yaml');
  writeFileSync(file, 'name: lab\nfro: 3d\nvswitches: { v: {} }\n');
  const typo = /has 1 problem:\n.*unknown key "fro"; did you mean "for"\?\n +line 2:/;
  t.match(await run(['network', 'create', '-f', file]), { code: 4, stderr: typo });
  writeFileSync(file, '[a, b]\n');
  t.match(await run(['network', 'create', '-f', file]), {
    code: 4,
    stderr: /must be a map, not a/,
  });
  writeFileSync(file, 'name: lab\nfor: 3d\nvswitches: { v: {} }\n');
  const typed = await run(['network', 'create', '-f', file, '--for', 'soon']);
  t.match(typed, { code: 2, stderr: /"soon" is not a time/ }, 'what is typed goes before');
  const none = await run(['network', 'create', '-f', file]);
  t.match(none, { code: 4, stderr: /owners with a quota, and not for .*operator/ });
  t.match(await run(['contexts', 'lib']), { code: 2, stderr: /no context "lib"; known: lab; / });
  const gone = ['login', 'http://127.0.0.1:1', '--name', 'gone'];
  const nobody = /no limevisor answers at http:\/\/127\.0\.0\.1:1 .*; ask its operator/;
  t.match(await run(gone, tokens.operator), { code: 3, stderr: nobody });
  t.match(await run(['logout', 'gone']), { code: 2, stderr: /no context "gone"; known: lab/ });
  t.match(await run(['logout']), { code: 0, stdout: /logged out of lab/ });
  t.match(await run(['logout']), { code: 2, stderr: /commands go to the socket already/ });
});
