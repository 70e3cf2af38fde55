/**
 * TLS as the process has it: it fails closed at both ends, and says why in words.
 *
 * The names of the rows are DELTA's (catalogue of attacks, 2.1.070 to 2.1.073).
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import t from 'tap';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import { whyUnusable } from '../../hypervisor/world/tls-socket.ts';
import type { Connection, Listening } from '../../hypervisor/world/world.ts';
import type { ShownCertificate, TlsFiles } from '../../slices/config/tls.ts';
import { Authority } from '../support/certificates.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'lv-tls-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const authority = new Authority(dir, 'ca');
const other = new Authority(dir, 'other');
const ours = authority.issue('limevisor');
const right = authority.issue('s1');
const expired = authority.issue('late', authority, -1);
const foreign = other.issue('foreign', authority);
const world = nodeWorld();
/** Two of them: whoever dials its own address is told so. */
const elsewhere = nodeWorld();
const host = '127.0.0.1';

interface Seen {
  readonly opened: (ShownCertificate | undefined)[];
  readonly refused: string[];
  /** Who was refused. */
  readonly peers: string[];
  readonly bytes: string[];
  readonly port: number;
  stop(): void;
}

async function serve(files: TlsFiles): Promise<Seen> {
  const opened: Seen['opened'] = [];
  const [refused, peers, bytes]: [string[], string[], string[]] = [[], [], []];
  const seen = { opened, refused, peers, bytes };
  const port = await freePort();
  let failure: string | undefined;
  const listening: Listening = world.listen(
    { host, port, tls: files },
    {
      accept: (connection: Connection) => ({
        onOpen: () => void seen.opened.push(connection.certificate?.()),
        onBytes: (chunk) => {
          seen.bytes.push(Buffer.from(chunk).toString());
          connection.write(Buffer.from('hello'));
        },
        onClose: () => undefined,
      }),
      refused: (peer, why) => {
        seen.peers.push(peer);
        seen.refused.push(why);
      },
      failed: (why) => {
        failure = why;
      },
    },
  );
  await pause(50);
  if (failure !== undefined) throw new Error(failure);
  return { ...seen, port, stop: () => listening.close() };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, host, () => {
      const at = server.address();
      server.close(() => resolve(typeof at === 'object' && at !== null ? at.port : 0));
    });
  });
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** Dials as we dial controllers: `open` and what was read, or why not. */
function dial(port: number, files: TlsFiles): Promise<string> {
  return new Promise((resolve) => {
    const said: string[] = [];
    const connection = elsewhere.dial(
      { host, port, tls: files },
      {
        onOpen: () => {
          said.push('open');
          connection.write(Buffer.from('hi'));
        },
        onBytes: (chunk) => {
          said.push(Buffer.from(chunk).toString());
          resolve(said.join(' '));
          connection.close();
        },
        onClose: (why) => resolve([...said, why].join(' ')),
      },
    );
  });
}

/** Dials as somebody else: whatever options Node takes. Resolves when that is over. */
function knock(port: number, options: tls.ConnectionOptions): Promise<void> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, rejectUnauthorized: false, ...options });
    socket.on('secureConnect', () => socket.write('hi'));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
    setTimeout(() => socket.destroy(), 500).unref();
  });
}

t.test('2.1.070 TLS support: both show a certificate of the CA, and speak', async (t) => {
  const seen = await serve(ours);
  t.teardown(() => seen.stop());
  t.equal(await dial(seen.port, right), 'open hello');
  t.match(seen.opened, [{ name: 's1', fingerprint: /^[0-9a-f]{64}$/ }]);
  t.strictSame(seen.bytes, ['hi']);
});

t.test(
  '2.1.071 start-up with failed TLS: keys that are no good are said, and nothing listens',
  async (t) => {
    const broken = path.join(dir, 'broken.pem');
    writeFileSync(broken, 'no PEM');
    const cases: readonly (readonly [TlsFiles, RegExp])[] = [
      [{ ...ours, key: path.join(dir, 'nowhere') }, /nowhere cannot be read$/],
      [{ ...ours, certificate: broken }, /do not match/],
      [{ ...ours, key: right.key }, /do not match: .*mismatch/],
      [expired, /has expired/],
    ];
    for (const [files, why] of cases) {
      t.match(whyUnusable(files, Date.now()), why);
      await t.rejects(serve(files), { message: why });
      t.match(await dial(1, files), why, 'and nobody is dialled');
    }
    t.equal(whyUnusable(ours, Date.now()), undefined);
  },
);

t.test('2.1.072 invalid credentials: no switch gets through, and the log says why', async (t) => {
  const seen = await serve(ours);
  t.teardown(() => seen.stop());
  await knock(seen.port, {});
  t.match(seen.refused.splice(0), ['it showed no certificate']);
  for (const [files, why] of [
    [foreign, /^its certificate is not signed by the CA in /],
    [expired, /^its certificate has expired$/],
  ] as const) {
    const shown = { key: files.key, certificate: files.certificate };
    const { readFileSync } = await import('node:fs');
    const [key, cert] = [readFileSync(shown.key), readFileSync(shown.certificate)];
    await knock(seen.port, { key, cert });
    t.match(seen.refused.splice(0), [why]);
    await knock(seen.port, { key, cert, maxVersion: 'TLSv1.2' });
    t.match(seen.refused.splice(0), [why], 'over TLS 1.2 too');
  }
  await knock(seen.port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' });
  t.match(seen.refused.splice(0), ['it speaks nothing newer than TLS 1.1']);
  const plain = net.connect(seen.port, host, () =>
    plain.write(Buffer.from('0400000800000001', 'hex')),
  );
  plain.on('error', () => plain.destroy());
  await pause(200);
  plain.destroy();
  t.match(seen.refused.splice(0), ['it does not speak TLS']);
  // As Open vSwitch does that has no keys.
  const silent = net.connect(seen.port, host, () => silent.end());
  await pause(200);
  t.match(seen.refused.splice(0), [/^it hung up in the middle of the TLS handshake/]);
  t.match(seen.peers.at(-1), /^127\.0\.0\.1:\d+$/, 'and is named all the same');
  t.strictSame([seen.opened, seen.bytes], [[], []], 'nothing of it reached anybody');
});

t.test('2.1.072 invalid credentials: no controller is spoken to', async (t) => {
  for (const [files, why] of [
    [foreign, /^its certificate is not signed by the CA in /],
    [other.issue('self', authority), /^its certificate is not signed by the CA in /],
  ] as const) {
    const seen = await serve({ ...files, ca: authority.ca });
    t.match(await dial(seen.port, right), why);
    t.strictSame(seen.bytes, [], 'not a byte');
    seen.stop();
  }
  const seen = await serve(ours);
  t.teardown(() => seen.stop());
  t.match(await dial(seen.port, { ...foreign }), /it does not know the CA|TLS failed|closed/);
  const meant = { ...right, peer: { type: 'name', name: 'c0' } } as const;
  t.match(
    await dial(seen.port, meant),
    /it presented the certificate "limevisor" .*must present "c0"/,
  );
  t.equal(
    await dial(seen.port, { ...right, peer: { type: 'name', name: 'limevisor' } }),
    'open hello',
  );
  t.strictSame(seen.bytes.splice(0), ['hi'], 'only the last one was spoken to');
});

t.test('nobody there is no trouble with TLS', async (t) => {
  t.match(await dial(1, right), /^connection refused$/);
});

t.test('2.1.072 a session of before is worth nothing', async (t) => {
  const seen = await serve(ours);
  t.teardown(() => seen.stop());
  let session: Buffer | undefined;
  const socket = tls.connect({ host, port: seen.port, rejectUnauthorized: false });
  socket.on('session', (one) => {
    session = one;
  });
  socket.on('error', () => socket.destroy());
  await pause(200);
  await knock(seen.port, session === undefined ? {} : { session });
  t.equal(seen.refused.length, 2);
  t.strictSame([seen.opened, seen.bytes], [[], []]);
});

/** Somebody between us and a peer: passes everything on, and may look at it and change it. */
async function between(
  t: { teardown(run: () => void): void },
  to: number,
  touch: (chunk: Buffer, whose: 'near' | 'far') => void,
): Promise<number> {
  const port = await freePort();
  const relay = net
    .createServer((near) => {
      const far = net.connect(to, host);
      near.on('data', (chunk: Buffer) => {
        touch(chunk, 'near');
        far.write(chunk);
      });
      far.on('data', (chunk: Buffer) => {
        touch(chunk, 'far');
        near.write(chunk);
      });
      for (const one of [near, far]) one.on('error', () => one.destroy());
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    })
    .listen(port, host);
  t.teardown(() => relay.close());
  return port;
}

t.test('2.1.073 control-packet modification: what was changed is never read', async (t) => {
  const seen = await serve(ours);
  t.teardown(() => seen.stop());
  const port = await between(t, seen.port, (chunk, whose) => {
    // The hellos pass; what is answered after them does not pass as it was said.
    const isAnswer = whose === 'far' && seen.bytes.length > 0;
    if (isAnswer) chunk[chunk.length - 1] = (chunk.at(-1) ?? 0) ^ 1;
  });
  t.match(await dial(port, right), /^open what came was changed on the way$/);
});

t.test('3.1.170 Eavesdrop: what is said cannot be read on the way', async (t) => {
  const seen = await serve(ours);
  t.teardown(() => seen.stop());
  const heard: Buffer[] = [];
  const port = await between(t, seen.port, (chunk) => void heard.push(Buffer.from(chunk)));
  t.equal(await dial(port, right), 'open hello');
  t.strictSame(seen.bytes, ['hi'], 'it was said');
  const whole = Buffer.concat(heard);
  t.ok(whole.length > 500, `${whole.length} bytes passed`);
  for (const word of ['hello', 'limevisor']) t.notOk(whole.includes(word), `no "${word}" in them`);
});

t.test('3.1.180 Man in the middle: whoever ends the connection for us is a stranger', async (t) => {
  // He has a certificate, but of a CA of his own, and shows it to both.
  const middle = await serve({ ...foreign });
  t.teardown(() => middle.stop());
  const answer = await dial(middle.port, right);
  t.notMatch(answer, /^open/, answer);
  t.strictSame(middle.bytes, [], 'he reads nothing');
});
