/**
 * Reports for people: what is away says so, and what goes on counts from now.
 */

import t from 'tap';
import { progressText, seenText } from '../../hypervisor/operator/migration-text.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';
import { flowsText, statusText } from '../../hypervisor/operator/report-text.ts';
import type { VswitchName } from '../../slices/ids.ts';
import type { Migration } from '../../translation/migration/migration.ts';

const nothing: StatusReport = {
  uptimeSec: 1,
  datapaths: [],
  links: [],
  suspicions: [],
  unknown: [],
  refused: [],
  hosts: [],
  vswitches: [],
  migrations: [],
  hostMoves: [],
  ensembles: [],
  atLimits: [],
  left: [],
  store: { id: '00000000000000aa', generation: 1, sync: 'always' },
  alarms: {},
  givenUp: {},
};

const controller = {
  target: 'tcp:192.0.2.1:6653',
  state: 'up',
  why: '',
  version: '1.3',
  role: 'equal',
  droppedPacketIns: 0,
} as const;

function controllerLine(one: Partial<StatusReport['vswitches'][number]['controllers'][number]>) {
  const vswitch = { name: 'red/v1', dpid: '1', on: ['s1'], rules: 0, down: undefined, ports: [] };
  const refusedRequests = [] as const;
  const vswitches = [{ ...vswitch, refusedRequests, controllers: [{ ...controller, ...one }] }];
  return statusText({ ...nothing, vswitches }, 0)
    .split('\n')
    .at(-1);
}

t.test(
  'a controller: its state is a word, its reason follows, its address comes once',
  async (t) => {
    t.match(controllerLine({}), /up +tcp:192\.0\.2\.1:6653 up$/);
    t.match(
      controllerLine({ state: 'waiting', why: 'connection refused' }),
      / tcp:192\.0\.2\.1:6653 waiting: connection refused$/,
    );
    t.match(controllerLine({ version: '1.0', role: 'slave' }), /up \(OpenFlow 1\.0, slave\)$/);
  },
);

t.test('a reason that is too long for a table stands below it, once', async (t) => {
  const why = `it holds rules of ${'x'.repeat(100)}`;
  const vswitch = { name: 'red/v1', dpid: '1', on: ['s1'], rules: 0, ports: [], controllers: [] };
  const datapath = { name: 's1', dpid: '1', state: 'refused', why, encoding: 'flat', ack: '' };
  const lists = { bodies: [], hosts: [], through: [], carried: [], warnings: [] };
  const all = { ...nothing, vswitches: [{ ...vswitch, down: `datapath s1 is refused: ${why}` }] };
  const datapaths = [{ ...datapath, ...lists, isDrained: false, software: '', forgets: '' }];
  const text = statusText({ ...all, datapaths } as unknown as StatusReport, 0);
  t.match(text, /^s1 +1 +refused: see below +/m);
  t.match(text, /^red\/v1 +1 +s1 +0 +datapath s1 is refused: see below$/m);
  t.strictSame(
    text.split('\n').filter((line) => line.includes(why)),
    [`s1: refused: ${why}`],
  );
  const many = Array.from({ length: 30 }, (_, i) => {
    return { ...datapath, ...lists, name: `s${i + 1}`, forgets: i === 29 ? 'old' : 'older' };
  });
  const below = statusText({ ...all, datapaths: many } as unknown as StatusReport, 0).split('\n');
  t.match(
    below.filter((line) => /forget/.test(line)),
    [/^s1, s2, .*, s20 and 9 more forget: older$/, 's30 forgets: old'],
  );
});

t.test(
  'a migration that goes on has taken until now; one that is over, until its end',
  async (t) => {
    const one = {
      id: 1,
      vswitch: 'red/v1' as VswitchName,
      from: 's1',
      to: 's2',
      strategy: 'lime',
      startedMs: 1000,
      stateSinceMs: 1200,
      phases: [{ name: 'tunnels', startedMs: 1000, endedMs: 1200 }],
    };
    const took = (state: { readonly type: string }) =>
      statusText({ ...nothing, migrations: [{ ...one, state } as unknown as Migration] }, 2500);
    t.match(took({ type: 'drain' }), / drain +1500 ms$/);
    t.match(took({ type: 'done' }), / done +200 ms$/);
  },
);

t.test(
  'what was seen after a migration: nothing, or what, or until when it is looked',
  async (t) => {
    t.equal(seenText(undefined), '');
    t.equal(seenText({ stale: 0, heals: 0 }), '; nothing came an old way afterwards');
    t.match(seenText({ stale: 0, heals: 0, untilMs: 1 }), /^; watched until \d\d:\d\d:\d\d$/);
    t.equal(
      seenText({ stale: 2, heals: 1, goesOn: true }),
      '; 2 packets came an old way afterwards, healed 1 time, and some still do',
    );
    t.equal(
      seenText({ stale: 0, heals: 0, unseen: 'migration 2 began' }),
      '; watched until migration 2 began',
    );
  },
);

t.test('how far counters may be off, at the end of a migration', async (t) => {
  const said = (type: string, handOver: Migration['handOver']) =>
    progressText({ id: 3, state: { type, why: 'x' }, phases: [], handOver } as never);
  const hand = { tookMs: 1, held: 0 };
  t.equal(said('done', { ...hand, shared: 0 }), 'migration 3: done: x');
  t.equal(
    said('undone', { ...hand, inDoubt: 41 }),
    'migration 3: undone: x; counters: off by at most 41 packets in all',
  );
  t.equal(
    said('done', { ...hand, shared: 1, inDoubt: 9 }),
    'migration 3: done: x; counters: 1 packet divided in proportion, ' +
      'off by at most 9 packets in all',
  );
  t.equal(said('drain', { ...hand, inDoubt: 9 }), 'migration 3: drain: x', 'not before');
});

t.test('a datapath that could not be read is not one that holds nothing', async (t) => {
  const read = { datapath: 's1', why: '', flows: ['priority=0 actions=drop'], groups: [] };
  const away = { datapath: 's2', why: 'away: it closed', flows: [], groups: [] };
  t.equal(
    flowsText({ vswitch: 'red/v1', ports: [], flows: [], physical: [read, away] }),
    [
      'red/v1:',
      '',
      's1 (physical):',
      ' priority=0 actions=drop',
      '',
      's2 (physical, not read: away: it closed):',
    ].join('\n'),
  );
});

t.test('kept rules of a vswitch that left: what is asked, and what was decided', async (t) => {
  const contents = { rules: 1, groups: 0, meters: 0 };
  const line = (hasHeir: boolean, isRestored: boolean) => {
    const left = [{ vswitch: 'red/v1', sinceMs: 0, contents, hasHeir, isRestored }];
    return statusText({ ...nothing, left }, 0)
      .split('\n')
      .at(-1)
      ?.trimEnd();
  };
  t.match(line(false, false), /^red\/v1 .* 1 rule$/);
  t.match(line(true, false), /a new vswitch of this name waits: "limevisor purge" or "restore"$/);
  t.match(line(true, true), /the vswitch of this name gets it at the next start$/);
});
