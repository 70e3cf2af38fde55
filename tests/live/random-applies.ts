/**
 * Random files applied to real switches, one after the other, some while red's vswitch migrates,
 * some cut short by kill -9. Red is in each file and its hosts ping all the time: where nobody is
 * killed it loses nothing. After each file what runs is what it says, or what the last one said
 * where it was refused; nothing was on a switch that should not be, or was not (the audit), and
 * nothing is alarmed about. In the end switches hold as much as after a start with the last file.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  attempt,
  killLimevisor,
  migrate,
  socketOf,
  startLimevisor,
  startTestController,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { ApplyResult } from '../../hypervisor/operator/control-apply.ts';
import type { RunningResult } from '../../hypervisor/operator/control-running.ts';
import { configOf } from '../../hypervisor/operator/file.ts';
import { type Config, readConfig } from '../../slices/config/config.ts';
import { differenceOf } from '../../slices/config/difference.ts';
import { Random } from '../openflow/random.ts';

const WITHIN_MSEC = 1_500;
const QUIET_MSEC = 6_000;
/** Files under one ping, unless a process is killed before. */
const PINGED = 10;
/** Lines of the log that are shown where something was lost. */
const LOGGED = 150;
const names = ['s1', 's2', 's3', 's4'];
/** Refusals that a random file may deserve. */
const fine = /is being migrated, and the file changes|no way|has "spread|via/;

export interface HowMany {
  readonly seed: number;
  /** So many files, or for so long. */
  readonly applies: number;
  readonly minutes: number;
  /** One process of so many is killed while it applies a file. */
  readonly killEvery: number;
}

interface Counts {
  applied: number;
  refused: number;
  killed: number;
  migrated: number;
}

/** The last file that was applied, and the one that is asked for now. */
class Files {
  readonly path: string;
  readonly #dir: string;
  readonly #random: Random;
  /** What is to run. */
  config: Config | undefined;

  constructor(dir: string, random: Random) {
    [this.#dir, this.#random] = [dir, random];
    this.path = path.join(dir, 'random.yaml');
  }

  /** One that comes and goes: its second vswitch may be a big switch. */
  #tenant(name: string, port: number): string {
    const random = this.#random;
    const places = [...new Set([random.pick(names), random.pick(names)])];
    const wish = random.pick(['', ', spread: select', ', via: [s2]']);
    return `
  ${name}:
    controllers: [tcp:127.0.0.1:6999]
    vswitches: { v1: { dpid: 1, on: ${random.pick(names)} }, v2: { dpid: 2, on: [${places}] } }
    hosts:
      h1: { port: v1:1, at: ${random.pick(names)}:${port} }
      h2: { port: v2:1, at: ${random.pick(names)}:${port + 1} }
    links: [{ ends: v1:2 - v2:2${wish} }]`;
  }

  write(isFirst: boolean): Config {
    const random = this.#random;
    const links = ['s1:3 - s2:3', 's2:4 - s3:3', 's1:4 - s4:1', 's4:2 - s3:4'];
    // Any three of a ring join all; a cable in the file is there, and one that is not in it, too.
    const gone = isFirst || random.number(3) > 0 ? -1 : random.number(links.length);
    const cables = links.filter((_, i) => i !== gone);
    const others = ['green', 'gold'].filter(() => !isFirst && random.number(5) > 1);
    fs.writeFileSync(
      this.path,
      `control: ${this.#dir}/limevisor.sock
store: ${this.#dir}/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
failover: { backups: ${isFirst ? 0 : random.number(2)} }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [${cables}]
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s3:1 } }
${others.map((name, i) => this.#tenant(name, 20 + 10 * i)).join('')}
`,
    );
    return configOf(this.path);
  }
}

/** What runs and is not in the file, or the other way; places are where migrations left them. */
async function differing(lab: Lab, config: Config | undefined): Promise<readonly string[]> {
  const { file } = await ask<RunningResult>(socketOf(lab), 'running', {});
  const read = readConfig(file, [], '/');
  if (!('config' in read) || config === undefined) return ['what runs is no file'];
  return differenceOf(config, read.config).flatMap((one) => {
    const fields = one.type === 'changed' ? one.fields.filter(({ field }) => field !== 'on') : [];
    if (one.type === 'changed' && fields.length === 0) return [];
    return [`${one.type} ${one.kind} ${one.name}`];
  });
}

/** What somebody would have to see to: entries that were wrong, too. */
async function troublesIn(lab: Lab): Promise<readonly string[]> {
  const { alarms, datapaths, givenUp } = await statusOf(lab);
  return [
    ...Object.keys(alarms),
    ...Object.keys(givenUp),
    ...datapaths.flatMap(({ name, warnings }) => warnings.map((one) => `${name}: ${one}`)),
  ];
}

/** How many entries and groups all switches hold, when nothing is there for a moment only. */
async function held(lab: Lab): Promise<number> {
  const count = async (): Promise<number> => {
    const all = await Promise.all(
      names.flatMap((name) => [lab.ofctl('dump-flows', name), lab.ofctl('dump-groups', name)]),
    );
    return all.join('\n').match(/cookie=|group_id=/g)?.length ?? 0;
  };
  let before = Number.NaN;
  return until('tables that stay as they are', 120_000, async () => {
    await sleep(QUIET_MSEC);
    const now = await count();
    if (now === before) return now;
    before = now;
    return undefined;
  });
}

async function startAnew(lab: Lab, file: string): Promise<void> {
  await startLimevisor(lab, file);
  await untilReady(lab);
}

async function prepared(files: Files, lab: Lab): Promise<void> {
  await startTestController(lab, 6661);
  files.config = files.write(true);
  await startAnew(lab, files.path);
  await until('red having its controller', 30_000, async () => {
    const { vswitches } = await statusOf(lab);
    return vswitches[0]?.controllers.every(({ state }) => state === 'up') || undefined;
  });
  await until('h2 answers', 30_000, async () => {
    return (await reaches(lab, 'h1', '10.0.0.2')) || undefined;
  });
}

/** Red's vswitch goes elsewhere; who asked is told nothing when the process is killed. */
async function moveRed(lab: Lab, random: Random) {
  const [on] = (await statusOf(lab)).vswitches.find(({ name }) => name === 'red/v1')?.on ?? [];
  const to = random.pick(names.filter((name) => name !== on));
  const moved = migrate(lab, 'red/v1', to).catch(() => undefined);
  await sleep(random.number(400));
  // A promise that is returned would be waited for.
  return { moved };
}

/** A kill in the middle: what the next process began with is right when all that went on ended. */
async function cutShort(lab: Lab, file: string, random: Random): Promise<void> {
  await sleep(random.number(WITHIN_MSEC));
  await killLimevisor(lab);
  await startAnew(lab, file);
  await until('nothing being under way', 60_000, async () => {
    const { migrations } = await statusOf(lab);
    const isOver = migrations.every(({ state }) => ['done', 'undone'].includes(state.type));
    return isOver || undefined;
  });
}

/** The end of the log, which goes with the lab. */
function logged(lab: Lab): string {
  const log = fs.readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8');
  return log.split('\n').slice(-LOGGED).join('\n');
}

/** A test for each ping. */
export async function applyRandomFiles(t: Test, { seed, applies, minutes, killEvery }: HowMany) {
  const random = new Random(seed);
  const lab = await startLab(square('s1:1', 's3:1'));
  t.teardown(() => lab.stop());
  const files = new Files(lab.dir, random);
  await prepared(files, lab);
  const counts: Counts = { applied: 0, refused: 0, killed: 0, migrated: 0 };
  const endMs = Date.now() + minutes * 60_000;
  const count = () => counts.applied + counts.refused + counts.killed;
  const mayGoOn = () => count() < applies && Date.now() < endMs;
  while (mayGoOn()) {
    await t.test(`seed ${seed}, files from ${count() + 1} on`, async (t) => {
      const ping = startPing(lab, 'h1', '10.0.0.2');
      await sleep(100);
      let isKilled = false;
      for (let i = 0; i < PINGED && mayGoOn() && !isKilled; i += 1) {
        isKilled = count() % killEvery === killEvery - 1;
        await applyOne(t, lab, files, random, counts, isKilled);
      }
      const { lost, duplicates, errors } = await ping.stop();
      if (isKilled) return;
      const none = { lost: 0, duplicates: 0, errors: 0 };
      const isLost = lost + duplicates + errors > 0;
      t.strictSame({ lost, duplicates, errors }, none, isLost ? logged(lab) : 'nothing is lost');
    });
  }
  await t.test('switches hold as much as after a start', async (t) => {
    // The last one may have been refused: what runs is to be what the file says.
    const { code, stderr } = await attempt(lab, ['apply', files.path]);
    t.equal(code, 0, stderr);
    const before = await held(lab);
    await killLimevisor(lab);
    await startAnew(lab, files.path);
    // Of equal ways it may use others, which are as long.
    t.equal(await held(lab), before, 'no entry was left over, and none was missing');
  });
  return counts;
}

async function applyOne(
  t: Test,
  lab: Lab,
  files: Files,
  random: Random,
  counts: Counts,
  isKilled: boolean,
): Promise<void> {
  const moving = random.number(3) === 0 ? await moveRed(lab, random) : undefined;
  const config = files.write(false);
  const applying = ask<ApplyResult>(socketOf(lab), 'apply', { file: files.path });
  if (isKilled) {
    await Promise.all([applying.catch(() => undefined), cutShort(lab, files.path, random)]);
    files.config = config;
    counts.killed += 1;
  } else {
    const result = await applying;
    if (result.type === 'applied') files.config = config;
    counts[result.type === 'applied' ? 'applied' : 'refused'] += 1;
    if ('whyNot' in result) t.match(result.whyNot.join('; '), fine);
  }
  await moving?.moved;
  if (moving !== undefined) counts.migrated += 1;
  const what = fs.readFileSync(files.path, 'utf8');
  t.strictSame(await differing(lab, files.config), [], what);
  t.strictSame(await troublesIn(lab), [], what);
}
