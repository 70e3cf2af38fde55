/**
 * docs/CONTROLLERS.md: what was tried, on bridges and on virtual switches, one row above the other.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { applications, whyDiffers, whyOmitted } from './cells.ts';
import { isSame, type Tried } from './matrix.ts';
import { type StepName, stepNames, stepOf } from './steps.ts';

const ABOUT = [
  'The command writes it anew; what it does is in `tests/controllers/`.\n\nEach row is a',
  'controller, unmodified, on a network that Mininet makes with Open vSwitch’s userspace',
  'datapath: on bridges that the controller has itself, and, beside them in the same run, on',
  'virtual switches of the same shape with Limevisor in between (datapaths of the same version,',
  'unless the column says another). Debian ships os-ken without applications but',
  '`os_ken.app.ofctl`, `os_ken.topology` and its libraries; those here use them, and are in',
  '`examples/controllers/`.',
];
const COMPARED = [
  '**What is bold differs** in what has to be the same: who reaches whom, whether anything passes,',
  'whether anything is lost, whether migrations end as they should. Times and rates are shown and',
  'not compared; they are those of a machine that does other things, too.',
];

/** A difference that somebody has to look into. */
export function unexplained(tried: readonly Tried[]): readonly string[] {
  return tried.flatMap(({ cell, seen }) =>
    [...seen].flatMap(([step, both]) =>
      isSame(both) || whyDiffers(cell, step) !== undefined
        ? []
        : [`${titleOf({ cell, seen })}: ${stepOf(step).heading}`],
    ),
  );
}

export function titleOf({ cell }: Tried): string {
  return `${cell.application.name}, ${cell.topology}, OpenFlow ${versionOf(cell)}`;
}

function versionOf({ version, below }: Tried['cell']): string {
  return version === below ? version : `${version} on ${below}`;
}

export function documentOf(tried: readonly Tried[], minutes: number): string {
  const day = new Date().toISOString().slice(0, 10);
  const made = `Made by \`make controllers\` on ${day}, in ${minutes} minutes on`;
  return `# Under which controllers it was tried

${made} ${availableParallelism()} cores: ${programs()}. ${ABOUT.join(' ')}

${meanings()}

${COMPARED.join(' ')}

${tableOf(tried)}

## What differs, and why

${differencesOf(tried)}

## What was not tried

${omitted(tried)}

## What was run

| controller | command |
|---|---|
${Object.values(applications)
  .map(({ name, runs }) => `| ${name} | \`${runs}\` |`)
  .join('\n')}
`;
}

function meanings(): string {
  return stepNames.map((name) => `- *${stepOf(name).heading}*: ${stepOf(name).meaning}`).join('\n');
}

export function tableOf(tried: readonly Tried[]): string {
  const heads = [
    'controller',
    'Mininet',
    'OpenFlow',
    '',
    ...stepNames.map((name) => stepOf(name).heading),
  ];
  const rows = tried.flatMap(({ cell, seen }) => {
    const of = (kind: 'bridges' | 'virtual') =>
      stepNames.map((name) => {
        const both = seen.get(name);
        if (both === undefined) return '-';
        const { shown } = both[kind];
        return kind === 'bridges' || isSame(both) ? shown : `**${shown}**`;
      });
    return [
      [cell.application.name, cell.topology, versionOf(cell), 'bridges', ...of('bridges')],
      ['', '', '', 'virtual', ...of('virtual')],
    ];
  });
  const lines = [heads, heads.map(() => '---'), ...rows];
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** By reason, with where it was seen. */
export function differencesOf(tried: readonly Tried[]): string {
  const places = new Map<string, string[]>();
  for (const one of tried) {
    for (const [step, both] of one.seen) {
      if (isSame(both)) continue;
      const why =
        whyDiffers(one.cell, step) ?? '**Not explained yet**, and the command fails until it is.';
      places.set(why, [...(places.get(why) ?? []), whereOf(one, step)]);
    }
  }
  if (places.size === 0) return 'Nothing.';
  return [...places].map(([why, where]) => `- ${why} (${where.join('; ')})`).join('\n');
}

function omitted(tried: readonly Tried[]): string {
  const reasons = tried.flatMap(({ cell }) =>
    stepNames.flatMap((step) => {
      const why = whyOmitted(cell, step);
      return why === undefined ? [] : [`- *${stepOf(step).heading}*, ${cell.topology}: ${why}.`];
    }),
  );
  return [
    ...new Set(reasons),
    '- A spanning tree in OpenFlow 1.0: one torus takes as long as ten trees.',
    '- Applications of LACP: Mininet’s hosts have one cable each.',
    '- Faucet, POX, Floodlight and Ryu, which Debian does not ship.',
  ].join('\n');
}

function whereOf(tried: Tried, step: StepName): string {
  return `${titleOf(tried)}: ${stepOf(step).heading}`;
}

/** What it was made with. */
function programs(): string {
  const osken = 'import os_ken; print("os-ken", os_ken.__version__)';
  return [
    ['Open vSwitch', 'ovs-vswitchd', '--version'],
    ['', '/usr/bin/python3', '-c', osken],
    ['Mininet', 'mn', '--version'],
    ['', 'iperf3', '--version'],
  ]
    .map(([name = '', ...argv]) => {
      // Mininet says it where others complain.
      const said = execFileSync('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...argv], {
        encoding: 'utf8',
      });
      const [version = ''] = /[\d.]*\d/.exec(said) ?? [];
      return `${name || said.split(' ')[0]} ${version}`;
    })
    .join(', ');
}
