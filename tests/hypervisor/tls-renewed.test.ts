/**
 * TLS files of the same names with other content count for who connects after somebody has said so
 * (`limevisor apply`, SIGHUP); files that are no good change nothing.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import t from 'tap';
import { renewTls, serveTls } from '../../hypervisor/world/tls-socket.ts';
import type { TlsFiles } from '../../slices/config/tls.ts';
import { Authority } from '../support/certificates.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'lv-tls-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const [first, second] = [new Authority(dir, 'first'), new Authority(dir, 'second')];
const guest = first.issue('s1');
const at = (name: string) => path.join(dir, name);
const files: TlsFiles = { key: at('own.key'), certificate: at('own.pem'), ca: at('own-ca.pem') };

function become(from: TlsFiles): void {
  for (const what of ['key', 'certificate', 'ca'] as const) cpSync(from[what], files[what]);
}

/** Who signed what it shows to one that connects. */
function signer(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const own = { key: readFileSync(guest.key), cert: readFileSync(guest.certificate) };
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...own });
    socket.on('error', reject);
    socket.on('secureConnect', () => {
      resolve(String(socket.getPeerCertificate().issuer.CN));
      socket.destroy();
    });
  });
}

t.test('the files of now count when that is said, unless they are no good', async (t) => {
  become(first.issue('limevisor'));
  const server = serveTls(
    files,
    (socket) => socket.destroy(),
    () => undefined,
  );
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  t.equal(await signer(port), 'first');
  become(second.issue('limevisor', first));
  t.equal(await signer(port), 'first', 'until somebody says so');
  t.equal(renewTls(server, files, Date.now()), undefined);
  t.equal(await signer(port), 'second');
  writeFileSync(files.key, 'no PEM');
  t.match(renewTls(server, files, Date.now()), 'do not match');
  t.equal(await signer(port), 'second', 'those of before count');
});
