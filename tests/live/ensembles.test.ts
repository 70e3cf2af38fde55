/**
 * A tenant of three vswitches moves whole, on real switches under ping: to a zone and back, taken
 * back in the middle, and with Limevisor killed in the middle. No packet is lost, and it is never
 * half here and half there.
 *
 * Undone at other moments, too, in tests/soak/ensembles.soak.ts.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  killLimevisor,
  limevisorJson,
  restartLimevisor,
  socketOf,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { EnsembleEvent, MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import { partsOf } from './parts.ts';

const names = ['v1', 'v2', 'v3'] as const;
const network = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
zones: { near: [s1, s2], far: [s3, s4] }
links: ['s1:3 - s2:3', 's2:4 - s3:3', 's1:4 - s4:1', 's4:2 - s3:4']
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:DIR/v1'] }
      v2: { dpid: 2, on: s1, listen: ['punix:DIR/v2'] }
      v3: { dpid: 3, on: s2, listen: ['punix:DIR/v3'] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v3:1, at: s3:1 } }
    links: [v1:2 - v2:1, v2:2 - v3:2]
`;

const lab = await startLab(square('s1:1', 's3:1'));
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'ensembles.yaml');
writeFileSync(file, network);
await startLimevisor(lab, file);
await untilReady(lab);
for (const one of names) await addRule(lab, one);

const isFar = (on: readonly string[]): boolean => on.every((one) => one === 's3' || one === 's4');

/** Where the tenant is: all of it in one zone, or not. */
async function where(lab: Lab): Promise<'near' | 'far' | 'between'> {
  const { vswitches } = await statusOf(lab);
  const far = vswitches.filter(({ on }) => isFar(on)).length;
  return far === 0 ? 'near' : far === vswitches.length ? 'far' : 'between';
}

async function ensembles(lab: Lab): Promise<readonly Ensemble[]> {
  return (await statusOf(lab)).ensembles;
}

t.test('to a zone and back, under ping', async (t) => {
  const ping = startPing(lab, 'h1', '10.0.0.2');
  await sleep(300);
  for (const zone of ['far', 'near', 'far'] as const) {
    const result = await limevisorJson<MigrateResult>(lab, 'migrate', 'red', '--to', zone);
    t.equal(result.ensemble?.state.type, 'done', zone);
    t.equal(await where(lab), zone);
    const times = result.ensemble?.phases.map(
      (one) => `${one.name} ${one.endedMs - one.startedMs}`,
    );
    t.comment(`${zone}: ${times?.join(', ')} ms`);
  }
  const seen = await ping.stop();
  t.match(seen, { lost: 0, duplicates: 0 }, `nothing was lost of ${seen.sent}`);
});

/** Moves it, one after the other, and does something when one of it has `state`. */
async function disturbed(to: string, state: string, act: (id: number) => void): Promise<void> {
  let isDone = false;
  // All at once, the last might have arrived with the first: then it is too late.
  const params = { vswitch: 'red', to, noWatch: true, movesAtOnce: '1' };
  await ask<MigrateResult>(socketOf(lab), 'migrate', params, (event) => {
    const { member } = event as EnsembleEvent;
    if (isDone || member?.state.type !== state) return;
    isDone = true;
    act(member.ensemble ?? 0);
  }).catch(() => undefined);
}

for (const state of partsOf(['clone', 'ready', 'move', 'arrived'], ['ready', 'arrived'])) {
  t.test(`undone when one of it is in "${state}": all of it is where it was`, async (t) => {
    const before = await where(lab);
    const ping = startPing(lab, 'h1', '10.0.0.2');
    await sleep(200);
    await disturbed(before === 'far' ? 'near' : 'far', state, (id) => {
      void ask(socketOf(lab), 'undo', { migration: id }).catch(() => undefined);
    });
    t.equal((await ensembles(lab)).at(-1)?.state.type, 'undone');
    t.equal(await where(lab), before);
    const seen = await ping.stop();
    t.match(seen, { lost: 0, duplicates: 0 }, `nothing was lost of ${seen.sent}`);
  });
}

t.test(
  'Limevisor is killed when one of it moves: it ends whole, one way or the other',
  async (t) => {
    const ping = startPing(lab, 'h1', '10.0.0.2');
    await sleep(200);
    let killed: Promise<void> | undefined;
    await disturbed('near', 'move', () => {
      killed = killLimevisor(lab);
    });
    await killed;
    await restartLimevisor(lab);
    const end = await until('the end', 30_000, async () => {
      const type = (await ensembles(lab)).at(-1)?.state.type;
      return type === 'done' || type === 'undone' ? type : undefined;
    });
    t.equal(await where(lab), end === 'done' ? 'near' : 'far', end);
    const seen = await ping.stop();
    t.match(seen, { lost: 0, duplicates: 0 }, `nothing was lost of ${seen.sent}`);
  },
);
