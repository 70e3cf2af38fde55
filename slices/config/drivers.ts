/**
 * The drivers that move hosts (hypervisor/drivers/), in the operator's part of the file. Commands
 * are the operator's, never a tenant's, and each word is an argument: no shell reads it.
 *
 *   drivers:
 *     exec: [/usr/local/bin/move-host]
 *     qemu: { source: /run/vm/{host}.qmp, target: /run/vm/{host}.new.qmp, uri: tcp:192.0.2.7:4444 }
 *     netns: unix:/run/openvswitch/db.sock
 *     limit: 600s
 */
import { limits } from '../limits.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import { timeText } from './redial.ts';

export interface Drivers {
  /** A program and its first arguments. */
  readonly exec?: readonly string[];
  /** Where a guest's monitors are: `{host}`, `{from}` and `{to}` stand for those of the move. */
  readonly qemu?: QemuDriver;
  /** The database of the Open vSwitch whose bridges are the datapaths. */
  readonly netns?: string;
  /** After so long a driver is stopped, and the move taken back. */
  readonly limitMs: number;
}

export interface QemuDriver {
  /** The socket of the monitor (QMP) of the guest that runs. */
  readonly source: string;
  /** Of the one that waits for it (`-incoming defer`). */
  readonly target: string;
  /** Where the one that waits is told to listen, and the other to send the guest. */
  readonly uri: string;
}

const noDrivers: Drivers = { limitMs: limits.driverMs };

export function readDrivers(at: Reader | undefined): Drivers {
  if (at === undefined) return noDrivers;
  at.onlyKeys(['exec', 'qemu', 'netns', 'limit']);
  const exec = at.optional('exec');
  const words = exec?.items('is an empty list; write [/path/to/program]') ?? [];
  const command = words.flatMap((word, i) => {
    return word.parsed((text) => (i === 0 ? parsePath(text) : { ok: true, value: text }));
  });
  const qemu = readQemu(at.optional('qemu'));
  const [netns] = at.optional('netns')?.parsed(parseDatabase) ?? [];
  return {
    ...(command.length > 0 && { exec: command }),
    ...(qemu && { qemu }),
    ...(netns !== undefined && { netns }),
    limitMs: at.optional('limit')?.parsed(parseLimit)[0] ?? noDrivers.limitMs,
  };
}

function readQemu(at: Reader | undefined): QemuDriver | undefined {
  at?.onlyKeys(['source', 'target', 'uri']);
  const [source] = at?.required('source').parsed(parsePath) ?? [];
  const [target] = at?.required('target').parsed(parsePath) ?? [];
  const uri = at?.required('uri').text();
  if (source === undefined || target === undefined || uri === undefined) return undefined;
  if (source === target) at?.problem('has one monitor for both; a guest moves to another QEMU');
  return { source, target, uri };
}

/** A program, or a socket. */
export function parsePath(text: string): Parsed<string> {
  if (text.startsWith('/')) return { ok: true, value: text };
  return { ok: false, why: `"${text}" is not a whole path; write it from / on` };
}

function parseDatabase(text: string): Parsed<string> {
  if (/^(unix|tcp|ssl):./.test(text)) return { ok: true, value: text };
  const why = `"${text}" is not a database; write unix:/run/openvswitch/db.sock`;
  return { ok: false, why };
}

function parseLimit(text: string): Parsed<number> {
  const [, number = '', unit] = /^([0-9]{1,7}) ?(ms|s)$/.exec(text) ?? [];
  const ms = Number(number) * (unit === 's' ? 1000 : 1);
  if (unit !== undefined && ms >= 1 && ms <= limits.driverLongestMs) return { ok: true, value: ms };
  const most = limits.driverLongestMs / 1000;
  return { ok: false, why: `"${text}" is not a time; write 600s (at most ${most}s)` };
}

/** The inverse of their reading. */
export function driversFields({ exec, qemu, netns, limitMs }: Drivers) {
  return {
    ...(exec && { exec }),
    ...(qemu !== undefined && { qemu: { ...qemu } }),
    ...(netns !== undefined && { netns }),
    ...(limitMs !== noDrivers.limitMs && { limit: timeText(limitMs) }),
  };
}

/** A path or an address of one move. */
export function filledIn(
  text: string,
  { host, from, to }: Readonly<Record<'host' | 'from' | 'to', string>>,
): string {
  const bare = (name: string): string => name.replaceAll('/', '-').replaceAll(':', '-');
  return text
    .replaceAll('{host}', bare(host))
    .replaceAll('{from}', bare(from))
    .replaceAll('{to}', bare(to));
}
