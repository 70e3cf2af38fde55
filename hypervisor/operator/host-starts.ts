/**
 * Starts the hosts of a deployed tenant by the operator's program (`drivers: exec`): as for a move,
 * with `-` as the old place. The program ends with 0 when the host runs.
 */
import type { HostConfig } from '../../slices/config/config.ts';
import type { Drivers } from '../../slices/config/drivers.ts';
import { endText } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { RunCommand } from '../drivers/driver.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import { whenAll } from '../world/when-all.ts';

export interface HostStartsContext {
  readonly runCommand: RunCommand;
  readonly boundary: Boundary;
}

export interface HostStarted {
  readonly name: string;
  readonly at: string;
  /** Why it does not run, if it was to be started. */
  readonly why?: string;
}

/** Why this driver starts no hosts here. */
export function whyNoStarts(driver: string, { exec }: Drivers): string | undefined {
  if (driver !== 'exec') return `"--driver ${driver}" starts no hosts; "--driver exec" does`;
  if (exec !== undefined) return undefined;
  return 'the file has no such driver; write drivers: { exec: [/path/to/program] }';
}

/** Some at a time; `done` when each runs, or does not. */
export function startHosts(
  { runCommand, boundary }: HostStartsContext,
  { exec = [], limitMs }: Drivers,
  hosts: readonly HostConfig[],
  done: (all: readonly HostStarted[]) => void,
): void {
  const waiting = [...hosts];
  const found = new Map<string, HostStarted>();
  const next = (ended: () => void): void => {
    const host = waiting.shift();
    if (host === undefined) {
      ended();
      return;
    }
    const { name, port } = host;
    const at = endText(host.at);
    const args = [name, '-', at, endText(port)];
    let said = '';
    runCommand({ argv: [...exec, ...args], env: envOf(args) }, limitMs, {
      said: (line) => {
        said = line;
      },
      ended: (arrival) => {
        const last = said === '' ? '' : `: ${said}`;
        const why = arrival.type === 'failed' ? { why: `${arrival.why}${last}` } : {};
        found.set(name, { name, at, ...why });
        boundary.chore(`the start of ${name}`, () => next(ended));
      },
    });
  };
  const lanes = Array.from({ length: limits.movesAtOnce }, () => next);
  whenAll(
    lanes,
    (lane, ended) => lane(() => ended()),
    () => done(hosts.flatMap(({ name }) => found.get(name) ?? [])),
  );
}

function envOf([host = '', from = '', to = '', vport = '']: readonly string[]) {
  return {
    ...{ LIMEVISOR_HOST: host, LIMEVISOR_FROM: from },
    ...{ LIMEVISOR_TO: to, LIMEVISOR_VPORT: vport },
  };
}
