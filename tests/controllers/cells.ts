/**
 * What is tried under which controller: the rows of docs/CONTROLLERS.md, and why they differ from
 * bridges where they do.
 */
import path from 'node:path';
import type { Lab } from '../../examples/lab/lab.ts';
import type { Running } from '../../examples/lab/processes.ts';
import { root, startOsken, startTestController } from '../../examples/lab/programs.ts';
import type { StepName } from './steps.ts';

export type Version = '1.0' | '1.3';

export interface Application {
  readonly name: string;
  /** What is run, for a reader. */
  readonly runs: string;
  start(lab: Lab, port: number, version: Version): Promise<Running>;
}

export interface Cell {
  readonly application: Application;
  /** In Mininet's words. */
  readonly topology: string;
  /** What the controller and the bridges that it has speak. */
  readonly version: Version;
  /** What the datapaths below Limevisor speak. */
  readonly below: Version;
}

/** The topology with loops. */
export const TORUS = 'torus,3,3';

/** Where controllers on os-ken write to. */
export const CONTROLLER_LOG = 'controller.log';
const controllers = path.join(root, 'examples/controllers');

/** An application of examples/controllers/ on os-ken; one for both versions, or one for each. */
function osken(name: string, files: readonly [string, string?], more: readonly string[] = []) {
  const [file, of10 = file] = files;
  const flags = more.map((one) => path.basename(one));
  const runs = ['osken-manager', ...flags, file, ...(of10 === file ? [] : [`(1.0: ${of10})`])];
  return {
    name: `os-ken: ${name}`,
    runs: runs.join(' '),
    start(lab: Lab, port: number, version: Version) {
      process.env['FIREWALL_OPENFLOW'] = version;
      return startOsken(lab, port, CONTROLLER_LOG, [version === '1.0' ? of10 : file, ...more]);
    },
  };
}

/** Unused rules of all controllers last as long. */
export const IDLE_SEC = 5;

function testController(name: string, ...flags: readonly string[]): Application {
  return {
    name: `ovs-testcontroller: ${name}`,
    runs: ['ovs-testcontroller', ...flags].join(' '),
    start: (lab, port, version) =>
      startTestController(
        lab,
        port,
        IDLE_SEC,
        version === '1.0' ? 'OpenFlow10' : 'OpenFlow13',
        flags,
      ),
  };
}

const beside = path.join(controllers, 'monitor.py');
export const applications = {
  learning: osken('a learning switch', ['learning_switch.py', 'learning_switch_10.py']),
  firewall: osken('a firewall by NORMAL', ['firewall.py']),
  topology: osken(
    'topology discovery, and the monitor',
    ['topology.py'],
    ['--observe-links', beside],
  ),
  tree: osken('a spanning tree', ['spanning_tree.py']),
  ovs: testController('learning'),
  wildcards: testController('learning, wildcards', '-w'),
  noflow: testController('learning, without rules', '-n'),
  hub: testController('a hub', '-H'),
  normal: testController('NORMAL', '-N'),
} satisfies Readonly<Record<string, Application>>;

function cellsOf(application: Application, topology: string): readonly Cell[] {
  return (['1.3', '1.0'] as const).map((version) => ({
    ...{ application, topology, version },
    below: version,
  }));
}

const { learning, firewall, topology, tree } = applications;
const { ovs, normal, wildcards, noflow, hub } = applications;
const others = [ovs, normal, wildcards, noflow, hub, firewall, topology];

export const cells: readonly Cell[] = [
  ...cellsOf(learning, 'tree,2'),
  // A tenant of 1.0 on datapaths of 1.3.
  { application: learning, topology: 'tree,2', version: '1.0', below: '1.3' },
  ...cellsOf(learning, 'linear,3'),
  ...cellsOf(ovs, 'linear,3'),
  ...others.flatMap((application) => cellsOf(application, 'tree,2')),
  { application: tree, topology: TORUS, version: '1.3', below: '1.3' },
];

/** How a cell is called, on the command line and in the document. */
export function nameOf({ application, topology, version, below }: Cell): string {
  const on = version === below ? version : `${version} on ${below}`;
  return `${application.name}, ${topology}, ${on}`;
}

/** Why something is as it is in a step of some cells. */
interface Explanation {
  readonly step: StepName;
  readonly why: string;
  isFor(cell: Cell): boolean;
}

/** What is not done in a cell, for it would show nothing of virtual switches. */
const omissions: readonly Explanation[] = [
  {
    step: 'switchRestart',
    why:
      'os-ken’s spanning tree does not get over it, on bridges either (9 of 72 pairs), and ' +
      'what circles takes the machine',
    isFor: ({ topology }) => topology === TORUS,
  },
];

/** Why a virtual switch does something else than a bridge there, and means to. */
const explanations: readonly Explanation[] = [
  {
    step: 'killed',
    why:
      'Without rules every packet goes by the controller, and so by Limevisor: nothing passes ' +
      'while that is away, as nothing passes on bridges whose controller is away',
    isFor: ({ application }) => application === applications.noflow,
  },
];

export function whyDiffers(cell: Cell, step: StepName): string | undefined {
  return explanations.find((one) => one.step === step && one.isFor(cell))?.why;
}

export function whyOmitted(cell: Cell, step: StepName): string | undefined {
  return omissions.find((one) => one.step === step && one.isFor(cell))?.why;
}
