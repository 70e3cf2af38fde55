/**
 * The places of hosts at a start, by the file and the store together: a moved host stays where it
 * was moved to, as long as the file has its former place. A file that names another place takes
 * precedence, as in `limevisor apply`.
 */
import type { Config, HostConfig, PhysicalEnd } from '../../slices/config/config.ts';
import { endText, isSameEnd } from '../../slices/ids.ts';
import { plugged as pluggedAt } from '../../slices/network/changed-config.ts';
import { isShared } from '../../slices/network/shared-ports.ts';
import type { Moving, Plugged } from '../../slices/network/snapshot.ts';
import type { Remedy } from '../../slices/remedy.ts';
import { type HostMove, isHostMoveOver, placesAtStart } from './host-move.ts';

export interface HostsAtStart {
  /** The file, with hosts where they are. */
  readonly config: Config;
  readonly moving: Moving;
  readonly plugged: Plugged;
  /** Those that cannot go on are over. */
  readonly moves: readonly HostMove[];
  readonly remedies: readonly Remedy[];
}

export function hostsAtStart(
  file: Config,
  known: Plugged,
  moves: readonly HostMove[],
  nowMs: number,
): HostsAtStart {
  const hosts = new Map(file.hosts.map((one) => [one.name, one]));
  const plugged = new Map(known);
  const moving = new Map<string, PhysicalEnd>();
  const remedies: Remedy[] = [];
  const settled = moves.map((move): HostMove => {
    if (isHostMoveOver(move)) return move;
    const host = hosts.get(move.host);
    const said = plugged.get(move.host)?.said ?? endText(move.from);
    const why = whyEnded(file, move, host, said);
    if (why !== undefined) {
      const ended = endedBy(move, host, why, nowMs);
      remedies.push(ended.remedy);
      return ended.move;
    }
    const { at, also } = placesAtStart(move);
    if (host?.offers !== undefined) hosts.set(move.host, pluggedAt(host, at));
    else plugged.set(move.host, { said, at });
    if (also !== undefined) moving.set(move.host, also);
    return move;
  });
  for (const [name, { said, at }] of plugged) {
    const host = hosts.get(name);
    const isSame = host !== undefined && host.offers === undefined && endText(host.at) === said;
    if (isSame && !isTaken(file, name, at)) {
      hosts.set(name, { ...host, at });
      if (endText(at) !== said) {
        if (!moving.has(name)) remedies.push(elsewhere(name, said, at));
        continue;
      }
    }
    plugged.delete(name);
  }
  const config = { ...file, hosts: file.hosts.map((one) => hosts.get(one.name) ?? one) };
  return { config, moving, plugged, moves: settled, remedies };
}

/** Undefined when the move goes on. */
function whyEnded(
  file: Config,
  { host: name, vswitch, vport, from, to }: HostMove,
  host: HostConfig | undefined,
  said: string,
): string | undefined {
  if (host === undefined) return `${name} is no longer in the file`;
  const { port, at, offers } = host;
  if (port.device !== vswitch || port.port !== vport) return 'it has another vport in the file';
  const known = offers === undefined ? endText(at) === said : [from, to].every(isOffered(offers));
  if (!known) return `the file has another place for ${name}`;
  const taken = [from, to].find((end) => isTaken(file, name, end));
  return taken && `${endText(taken)} is not free in the file`;
}

function isOffered(offers: readonly PhysicalEnd[]) {
  return (end: PhysicalEnd): boolean => offers.some((one) => isSameEnd(one, end));
}

/** A port of a datapath that is no more, of a cable, or of a host that does not share it. */
function isTaken({ datapaths, links, hosts }: Config, name: string, end: PhysicalEnd): boolean {
  if (!datapaths.some((one) => one.name === end.device)) return true;
  if (links.some((ends) => ends.some((one) => isSameEnd(one, end)))) return true;
  const own = hosts.find((one) => one.name === name);
  const mayShare = own !== undefined && isShared(own);
  return hosts.some(({ name: other, at, offers = [at] }) => {
    return other !== name && !mayShare && offers.some((one) => isSameEnd(one, end));
  });
}

function endedBy(move: HostMove, host: HostConfig | undefined, why: string, nowMs: number) {
  const { id, host: name, state, to, stateSinceMs: startedMs } = move;
  const isDone = host !== undefined && isSameEnd(host.at, to);
  const phase = { name: state.type, startedMs, endedMs: nowMs };
  const ended: HostMove = {
    ...move,
    state: isDone ? { type: 'done' } : { type: 'undone', why },
    stateSinceMs: nowMs,
    phases: [...move.phases, phase],
  };
  const where = host === undefined ? '' : `, ${name} is at ${endText(host.at)}`;
  const remedy: Remedy = {
    type: 'migrationEnded',
    object: name,
    cause: `${why}, and move ${id} to ${endText(to)} was in "${state.type}"`,
    done: `the move is ${isDone ? 'done' : 'undone'}${where}`,
    next: '',
  };
  return { move: ended, remedy };
}

function elsewhere(name: string, said: string, at: PhysicalEnd): Remedy {
  const where = endText(at);
  return {
    type: 'moved',
    object: name,
    cause: `the file has it at ${said}, and it was moved to ${where}`,
    done: `it is at ${where}`,
    next: `write "at: ${where}", or move it back`,
  };
}
