/**
 * A Limevisor without tenants whose datapath s1 drops UDP to one port now and then, and that says
 * when it had the barrier's reply, and when it took the change for being in force: JSON lines.
 *
 *     node acknowledging.ts LEVEL TRIALS
 *
 * It waits for SIGUSR2 before it begins. Moments are those of the machine's monotonic clock (s).
 */
import { Hypervisor } from '../../../hypervisor/hypervisor.ts';
import { openLog } from '../../../hypervisor/world/log.ts';
import { nodeWorld } from '../../../hypervisor/world/node-world.ts';
import { matchOf, oxm } from '../../../openflow/match/match.ts';
import type { DatapathName } from '../../../slices/ids.ts';
import {
  addFlow,
  deleteFlow,
  type PhysicalFlow,
} from '../../../translation/entries/physical-tables.ts';
import { cookieOf } from '../../../translation/entries/pipeline.ts';
import { configOf } from '../../slices/networks.ts';
import { memoryStore } from '../../support/memory-store.ts';

const [level = 'automatic', trials = '1'] = process.argv.slice(2);
const config = configOf(`
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1, ack: ${level} }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants: {}
`);
const drop: PhysicalFlow = {
  tableId: 0,
  priority: 0xff00,
  match: matchOf(
    oxm('in_port', 1),
    oxm('eth_type', 0x800),
    oxm('ip_proto', 17),
    oxm('udp_dst', 9_999),
  ),
  instructions: [],
  cookie: cookieOf('stray', 0, 1),
};
const hypervisor = new Hypervisor({
  world: nodeWorld(),
  store: memoryStore(),
  config,
  log: openLog('fatal'),
  isAudited: false,
});
hypervisor.start();
const s1 = hypervisor.datapath('s1' as DatapathName);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nowSec = (): number => Number(process.hrtime.bigint()) / 1e9;

while (!hypervisor.datapaths().every(({ isReady }) => isReady)) await pause(20);
await pause(100);
let isTold = false;
process.once('SIGUSR2', () => {
  isTold = true;
});
console.log(JSON.stringify({ ready: true }));
while (!isTold) await pause(20);
for (let i = 0; i < Number(trials); i += 1) {
  let barrierSec = 0;
  await new Promise<void>((resolve) => {
    const message = addFlow(drop, false);
    s1.writer.send('tables', [message], 'barrier', () => {
      barrierSec = nowSec();
    });
    s1.writer.send('tables', [], 'full', () => resolve());
  });
  const { level: used, why } = hypervisor.inForce.of(s1);
  console.log(JSON.stringify({ barrierSec, fullSec: nowSec(), used, why }));
  // What a busy switch still holds when it is taken back was sent after the window (measure.ts).
  await pause(1_500);
  await new Promise<void>((resolve) => {
    s1.writer.send('tables', [deleteFlow(drop)], 'barrier', () => resolve());
  });
  await pause(800);
}
process.exit(0);
