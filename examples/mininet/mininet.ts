/**
 * Two tenants on a network that Mininet makes: `node examples/mininet/mininet.ts` (as root).
 *
 * Mininet knows nothing of Limevisor: to it, Limevisor is a remote controller. Red's virtual
 * network has another shape than the physical one (network.yaml draws both).
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, startLab } from '../lab/lab.ts';
import { needPrograms } from '../lab/processes.ts';
import { root, startLimevisor, startOsken, startTestController } from '../lab/programs.ts';

export const TOPOLOGY = 'linear,3,2';
/** Frames between switches are 22 bytes longer than hosts' (docs/GUIDE.md); Mininet leaves none. */
const MTU = 1_600;
const BETWEEN_SWITCHES = ['s1-eth3', 's2-eth3', 's2-eth4', 's3-eth3'];

/** Longer than Mininet takes on a busy machine. */
const MININET_SEC = 150;
/** What `timeout` ends with. */
const TIMED_OUT = 124;
/** What Mininet says when it goes on from its first shell. */
const HOSTS = 'Adding hosts';

/** Who reached whom, from the last `pingall` of an output: `h1s1 -> h1s2 h1s3 X X X`. */
export function reachedIn(output: string): ReadonlyMap<string, readonly string[]> {
  const reached = new Map<string, readonly string[]>();
  for (const [, from = '', to = ''] of output.matchAll(/^(\w+) -> (.*)$/gm)) {
    const others = to.split(' ').filter((name) => name !== '' && name !== 'X');
    reached.set(from, others);
  }
  return reached;
}

/** A lab without switches: controllers, Limevisor, and an Open vSwitch for Mininet to use. */
export async function startMininetLab(): Promise<Lab> {
  needPrograms({ mn: 'mininet' });
  const lab = await startLab({ switches: [], links: [], hosts: [], controller: '' });
  try {
    // Mininet would raise the machine's limits; in here it cannot, and says so.
    await lab.inside.run(['mount', '--bind', '-o', 'ro', '/proc/sys', '/proc/sys']);
    await startOsken(lab, 6661, 'red-controller.log');
    await startTestController(lab, 6662);
    await startLimevisor(lab, path.join(root, 'examples/mininet/network.yaml'));
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** Runs Mininet with a few lines of its command line language; answers all that it said. */
export async function runMininet(lab: Lab, lines: readonly string[]): Promise<string> {
  const script = path.join(lab.dir, 'mininet.cli');
  const room = BETWEEN_SWITCHES.map((name) => `sh ip link set ${name} mtu ${MTU}`);
  fs.writeFileSync(script, `${[...room, ...lines].join('\n')}\n`);
  const argv = [
    ...['timeout', String(MININET_SEC), 'env', `OVS_RUNDIR=${lab.dir}`],
    ...['mn', '--topo', TOPOLOGY, '--post', script],
    ...['--switch', 'ovs,datapath=user,protocols=OpenFlow13', '--test', 'none'],
    ...['--controller', 'remote,ip=127.0.0.1,port=6653'],
  ];
  let ended = await lab.inside.attempt(argv);
  // Now and then Mininet waits for its first shell for ever; it has made nothing then.
  const isStuck = ended.code === TIMED_OUT && !`${ended.stdout}${ended.stderr}`.includes(HOSTS);
  if (isStuck) ended = await lab.inside.attempt(argv);
  const { code, stdout, stderr } = ended;
  if (code !== 0) throw new Error(`mn ended with ${code}: ${stdout}${stderr}`);
  return stdout + stderr;
}

if (import.meta.main) {
  const lab = await startMininetLab();
  try {
    // The first round finds the controllers still saying hello; the second one counts.
    console.log(await runMininet(lab, ['pingall 0.2', 'pingall 1']));
  } finally {
    await lab.stop();
  }
}
