/**
 * `limevisor snoop VSWITCH [--pcap FILE]`: prints its messages as they pass, or writes them to a
 * capture that tshark reads.
 */
import fs from 'node:fs';
import { type Conversation, Pcap, pcapHeader } from '../../openflow/packet/pcap.ts';
import { messageOf } from '../world/error-text.ts';
import { Ending, exitCodes, type Options, printable, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { Snooped } from './snoop.ts';

export interface SnoopOptions extends Options {
  readonly pcap?: string;
  readonly all?: boolean;
}

export async function snoop(vswitch: string, options: SnoopOptions): Promise<void> {
  const { socket, json, pcap, all = false } = options;
  const file = pcap === undefined ? undefined : captureTo(pcap);
  const show = (one: Snooped): void => {
    if (file !== undefined && !('missed' in one)) file(one);
    // A capture on stdout has no lines in between.
    if (pcap !== '-') say(json ? JSON.stringify(one) : printable(snoopText(vswitch, one)));
  };
  const params = { vswitch, all, bytes: pcap !== undefined, follow: true };
  await ask(socket, 'snoop', params, (one) => show(one as Snooped));
}

/** `12:00:01.123 controller tcp:127.0.0.1:6653 > red/v1: flowMod ...`. */
function snoopText(vswitch: string, one: Snooped): string {
  if ('missed' in one) return `(${one.missed} messages are not shown: they came faster than read)`;
  const { atMs, peer, isSouth, text } = one;
  const isController = peer.startsWith('controller ');
  const [from, to] = isSouth === isController ? [peer, vswitch] : [vswitch, peer];
  return `${new Date(atMs).toISOString().slice(11, -1)} ${from} > ${to}: ${text}`;
}

type Capture = (one: Exclude<Snooped, { readonly missed: number }>) => void;

function captureTo(path: string): Capture {
  const to = openFile(path);
  const pcap = new Pcap();
  const conversations = new Map<string, Conversation>();
  fs.writeSync(to, pcapHeader());
  return ({ atMs, peer, isSouth, bytes = '' }) => {
    const isOurs = peer.startsWith('controller ') ? 'switch' : 'controller';
    const known = conversations.get(peer) ?? { number: conversations.size + 1, isOurs };
    conversations.set(peer, known);
    const message = Uint8Array.from(Buffer.from(bytes, 'base64'));
    for (const record of pcap.records(known, isSouth, atMs, message)) fs.writeSync(to, record);
  };
}

function openFile(path: string): number {
  if (path === '-') return process.stdout.fd;
  try {
    if (isOtherFile(path))
      throw new Error('it is there already, and is no capture of ours; name another');
    return fs.openSync(path, 'w', 0o600);
  } catch (error) {
    throw new Ending(exitCodes.usage, `${path} cannot be written: ${messageOf(error)}`);
  }
}

/** A file of another kind, such as one whose name was completed by mistake: it would be lost. */
function isOtherFile(path: string): boolean {
  // Pipes and devices are not read from here.
  if (fs.statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const magic = pcapHeader().subarray(0, 4);
  const found = Buffer.alloc(magic.length);
  const from = fs.openSync(path, 'r');
  try {
    return fs.readSync(from, found) > 0 && !found.equals(magic);
  } finally {
    fs.closeSync(from);
  }
}
