/**
 * A guest under QEMU in a laboratory: started at a port of a switch, or waiting there for one that
 * comes with its memory, and somebody who talks to it all the while (guest.py).
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Qmp } from '../../hypervisor/drivers/qmp.ts';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import { ECHO_PORT, type GuestImage } from './guest-image.ts';
import { type Lab, portName } from './lab.ts';
import { hasEnded, lastLineOf } from './processes.ts';
import { root } from './programs.ts';
import { untilStarted } from './wait.ts';

export const GUEST_MAC = '02:00:00:00:00:09';

/** Between two of the same kind. */
export const TALK_MS = { numbers: 10, echoes: 5 } as const;

/** A guest's port: what is plugged in there is a QEMU's. */
export async function addTap(lab: Lab, at: string): Promise<void> {
  const [bridge = '', port = ''] = at.split(':');
  const tap = portName(at);
  await lab.inside.run(['ip', 'tuntap', 'add', 'dev', tap, 'mode', 'tap']);
  await lab.inside.run(['ip', 'link', 'set', tap, 'up']);
  await lab.vsctl('add-port', bridge, tap, '--', 'set', 'interface', tap, `ofport_request=${port}`);
}

/** Its monitor; DIR and the place stand in a file as in `DIR/{from}.qmp`. */
export function monitorAt(lab: Lab, at: string): string {
  return path.join(lab.dir, `${at.replace(':', '-')}.qmp`);
}

/** When each kind of event was there last, as QEMU says it, in ms since 1970. */
export type QemuEvents = ReadonlyMap<string, number>;

/** For so long a guest ran nowhere that went from one to the other. */
export function pauseMs(from: QemuEvents, to: QemuEvents): number {
  return (to.get('RESUME') ?? Number.NaN) - (from.get('STOP') ?? Number.NaN);
}

/** At a tap. `waits`: for a guest that comes from another one. */
export async function startGuest(
  lab: Lab,
  { kernel, initrd }: GuestImage,
  at: string,
  { waits = false } = {},
): Promise<QemuEvents> {
  const name = portName(at);
  const [monitor, own] = [monitorAt(lab, at), path.join(lab.dir, `${name}.own`)];
  for (const socket of [monitor, own]) fs.rmSync(socket, { force: true });
  // Sums of its own: Open vSwitch's userspace datapath would pass on those that nobody made.
  const device = `virtio-net-pci,netdev=n,mac=${GUEST_MAC},romfile=`;
  const argv = [
    // Before others, as `guestFailure` says.
    ...['nice', '-n', '-15'],
    ...['qemu-system-x86_64', '-machine', 'pc', '-accel', 'tcg', '-m', '128', '-display', 'none'],
    ...['-nodefaults', '-no-user-config', '-kernel', kernel, '-initrd', initrd],
    ...['-append', 'console=ttyS0 quiet panic=1', '-serial', `file:${lab.dir}/${name}.serial`],
    // A monitor serves one at a time: the second is for looking on.
    ...[monitor, own].flatMap((socket) => ['-qmp', `unix:${socket},server=on,wait=off`]),
    ...['-netdev', `tap,id=n,ifname=${name},script=no,downscript=no`],
    ...['-device', `${device},csum=off,guest_csum=off,gso=off`],
    ...(waits ? ['-incoming', 'defer'] : []),
  ];
  const running = lab.inside.start(argv, path.join(lab.dir, `${name}.log`));
  await untilStarted('QEMU', running, 30_000, () => (fs.existsSync(own) ? true : undefined));
  const events = new Map<string, number>();
  const watched = await Qmp.open(nodeWorld(), own);
  watched.happened = (event, atMs) => void events.set(event, atMs);
  return events;
}

/**
 * What a guest's kernel has complained of. Without acceleration QEMU 7.2 loses a write to a guest's
 * memory now and then while it leaves: on two processors with five times as much to do, one guest
 * in fifteen had what it cannot have in its memory, and one in ninety of those that go before
 * others (`nice`); on a bridge without any of our rules, too.
 */
export function guestFailure(lab: Lab, ports: readonly string[]): string | undefined {
  const texts = consolesOf(lab, ports).map((file) => fs.readFileSync(file, 'utf8'));
  return /(BUG|WARNING|panic)[^\n]*/.exec(texts.join('\n'))?.[0];
}

export function forgetFailure(lab: Lab, ports: readonly string[]): void {
  for (const file of consolesOf(lab, ports)) fs.truncateSync(file);
}

function consolesOf(lab: Lab, ports: readonly string[]): readonly string[] {
  const files = ports.map((at) => path.join(lab.dir, `${portName(at)}.serial`));
  return files.filter((file) => fs.existsSync(file));
}

/** What somebody has heard of a guest. */
export interface Talk {
  /** Over one TCP connection, which sends again what was lost; each has to come in its order. */
  readonly numbers: Heard & { readonly wrong: number };
  /** What comes once or never. */
  readonly echoes: Heard & { readonly doubled: number };
  readonly trouble: string;
}

interface Heard {
  readonly sent: number;
  readonly back: number;
  /** The longest time without one. */
  readonly gapMs: number;
}

/** A host talks to a guest; it has answered when this is told. */
export function startTalk(lab: Lab, host: string, ip: string): Promise<Ended<Talk>> {
  const intervals = [TALK_MS.numbers, TALK_MS.echoes].map(String);
  return listened(lab, lab.on(host, python('guest.py', ip, String(ECHO_PORT), ...intervals)));
}

/** What a guest does itself, as seen where it is plugged in. */
export interface AtTaps {
  /** Echoes that came to any of its places; those that one lacks of which others came there. */
  readonly asked: number;
  readonly missed: number;
  readonly answered: number;
  /** Answered again. */
  readonly doubled: number;
  /** The longest time in which it answered none. */
  readonly gapMs: number;
}

export function watchTaps(lab: Lab, ports: readonly string[]): Promise<Ended<AtTaps>> {
  return listened(lab, python('taps.py', ...ports.map(portName)));
}

/** It goes on until then. */
interface Ended<T> {
  stop(): Promise<T>;
}

function python(script: string, ...args: readonly string[]): readonly string[] {
  return ['/usr/bin/python3', path.join(root, 'examples/lab', script), ...args];
}

/** A program that says when it is ready, and in the end a line of JSON. */
async function listened<T>(lab: Lab, argv: readonly string[]): Promise<Ended<T>> {
  const running = lab.inside.start(argv);
  const said = lastLineOf(running);
  const { child } = running;
  const begun = child.stdout === null ? [] : [once(child.stdout, 'data')];
  await Promise.race([...begun, once(child, 'exit')]);
  if (hasEnded(child)) throw new Error(`"${argv.join(' ')}" ended: ${said()}`);
  return {
    async stop() {
      await running.end('SIGINT');
      return JSON.parse(said()) as T;
    },
  };
}
