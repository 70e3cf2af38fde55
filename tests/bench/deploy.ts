/**
 * How long it takes to bring up 1, 10 and 100 copies of a tenant of two vswitches with 200 rules,
 * on two real switches: `node tests/bench/deploy.ts` (docs/BENCHMARKS.md). Each number of copies is
 * one `deploy`, from the request to its answer: read, placed, wired, filled, acknowledged, in the
 * store.
 */
import fs from 'node:fs';
import path from 'node:path';
import { startLab } from '../../examples/lab/lab.ts';
import {
  addRule,
  attempt,
  socketOf,
  startLimevisor,
  untilReady,
} from '../../examples/lab/programs.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { ApplyResult } from '../../hypervisor/operator/control-apply.ts';
import type { DeployResult } from '../../hypervisor/operator/control-packages.ts';

const COPIES = (process.env['COPIES'] ?? '1,10,100').split(',').map(Number);
const RULES = 99;

const lab = await startLab({
  switches: ['s1', 's2'],
  links: [['s1:9', 's2:9']],
  hosts: [],
  controller: 'tcp:127.0.0.1:6653',
});
try {
  const at = (name: string): string => path.join(lab.dir, name);
  fs.writeFileSync(
    at('first.yaml'),
    `control: ${at('limevisor.sock')}
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:9 - s2:9]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:${at('v1')}'] }
      v2: { dpid: 2, on: s2, listen: ['punix:${at('v2')}'] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
`,
  );
  await startLimevisor(lab, at('first.yaml'));
  await untilReady(lab);
  const many = Array.from({ length: RULES }, (_, i) => {
    return `priority=${i + 10},ip,nw_dst=10.9.0.${i},actions=output:1`;
  });
  fs.writeFileSync(at('rules'), many.join('\n'));
  for (const name of ['v1', 'v2']) {
    await addRule(lab, name);
    await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', 'add-flows', at(name), at('rules')]);
  }
  const { stdout } = await attempt(lab, ['export', 'red']);
  fs.writeFileSync(at('red.lime'), stdout);
  console.log('COPIES  RULES  TOOK     A COPY');
  for (const count of COPIES) {
    const as = Array.from({ length: count }, (_, i) => `copy${i}`);
    const asked = { file: at('red.lime'), as, hosts: ['auto'], on: ['v1=s1', 'v2=s2'] };
    const result = await ask<DeployResult>(socketOf(lab), 'deploy', asked);
    if (result.type !== 'applied') throw new Error(JSON.stringify(result));
    const rules = (result.vswitches ?? []).reduce((sum, one) => sum + one.rules, 0);
    const { tookMs = Number.NaN } = result;
    const cells = [String(count).padEnd(7), String(rules).padEnd(6)];
    const took = `${tookMs.toFixed(0)} ms`.padEnd(8);
    console.log(`${cells.join(' ')} ${took} ${(tookMs / count).toFixed(0)} ms`);
    const back = { file: at('first.yaml') };
    await ask<ApplyResult>(socketOf(lab), 'apply', back);
    for (const name of as) await ask(socketOf(lab), 'purge', { vswitch: name });
  }
} finally {
  await lab.stop();
}
