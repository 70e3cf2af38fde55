/**
 * Two switches whose operator offers ports to owners of networks, with the API: what the tests of
 * networks of owners run on, by the command line and on the page.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import type { TlsFiles } from '../../slices/config/tls.ts';
import { Authority } from '../support/certificates.ts';

interface Test {
  teardown(run: () => unknown): void;
}

const host = (name: string, at: string, last: number) => {
  return { name, at, ip: `10.0.0.${last}/24`, mac: `02:00:00:00:00:0${last}` };
};

/**
 * Limevisor serves; h1, h2 and h3 are plugged in at the offers a, b and c. Owners' controllers may
 * be over TLS: with `keys`.
 */
export async function ownersLab(
  t: Test,
  moreQuotas = '',
): Promise<Lab & { readonly keys: TlsFiles }> {
  const lab = await startLab({
    switches: ['s1', 's2'],
    links: [['s1:9', 's2:9']],
    hosts: [host('h1', 's1:1', 1), host('h2', 's2:1', 2), host('h3', 's2:2', 3)],
    controller: 'tcp:127.0.0.1:6653',
  });
  t.teardown(() => lab.stop());
  const authority = new Authority(lab.dir, 'owners');
  const [ours, keys] = [authority.issue('limevisor'), authority.issue('owners-controller')];
  const tls = `{ key: ${ours.key}, certificate: ${ours.certificate}, ca: ${ours.ca} }`;
  const file = path.join(lab.dir, 'offers.yaml');
  fs.writeFileSync(
    file,
    `control: here
store: DIR/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
api: { listen: ['ptcp:8640:127.0.0.1'] }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:9 - s2:9]
offers: { a: s1:1, b: s2:1, c: s2:2 }
quotas:
  student:
    { networks: 2, hosts: 3, rules: 1000, lifetime: 1d, controllers: [127.0.0.0/8], tls: ${tls} }
${moreQuotas}tenants: {}
`,
  );
  await startLimevisor(lab, file);
  await untilReady(lab);
  return { ...lab, keys };
}
