/**
 * ovs-ofctl on a switch: what it says of commands, less what may differ (differences.ts).
 */
import type { Lab, Spoken } from '../../../examples/lab/lab.ts';
import type { Ended } from '../../../examples/lab/processes.ts';

/** Commands in the namespace of a lab; `$` in them is the switch. */
export function ofctlIn(lab: Lab) {
  async function run(
    vconn: string,
    commands: readonly string[],
    spoken: Spoken = 'OpenFlow13',
  ): Promise<string> {
    const said: string[] = [];
    await ofctl(vconn, 'del-flows $');
    for (const command of commands) {
      const { code, stdout, stderr } = await ofctl(vconn, command, spoken);
      said.push(`$ ${command}`, `exit ${code}`, normal(stdout, vconn), normal(stderr, vconn));
    }
    return said.join('\n');
  }

  function ofctl(vconn: string, command: string, spoken: Spoken = 'OpenFlow13'): Promise<Ended> {
    const [name = '', ...args] = command.split(' ').map((word) => (word === '$' ? vconn : word));
    return lab.inside.attempt(['ovs-ofctl', '-O', spoken, name, ...args]);
  }
  return { run, ofctl };
}

/**
 * Without what may differ: see differences.ts. Flows, groups and meters come in the order of a hash
 * table, whose basis a bridge chooses at random: the rows of each kind are compared in order.
 */
export function normal(text: string, vconn: string): string {
  const lines = text
    .replaceAll(vconn, '$')
    .replaceAll(vconn.replace(/^unix:/, ''), '$')
    .replace(/\(xid=0x[0-9a-f]+\)/g, '(xid)')
    .replace(/duration[=:][0-9.]+s/g, 'duration')
    .replace(/(idle_age=\d+|hard_age=\d+)(, hard_age=\d+)?/g, 'age')
    .replace(/max_meter:\d+/, 'max_meter')
    .replace(/time=[0-9.]+ ms/g, 'time')
    .replace(/^(Manufacturer|Hardware|Software|Serial Num|DP Description): .*$/gm, '$1')
    .replace(/n_tables:\d+/, 'n_tables')
    .replace(/tables 2\.\.\.\d+: ditto/, 'tables 2...: ditto')
    .replace(/^capabilities: .*$/m, 'capabilities')
    .split('\n');
  const isHashed = (line: string): boolean => /^\s*(cookie|group_id|meter)[=:]/.test(line);
  const hashed = lines.filter(isHashed).sort();
  return [...lines.filter((line) => !isHashed(line)), ...hashed].join('\n');
}
