/**
 * A guest with an operating system, small enough for QEMU without acceleration: Debian's kernel for
 * clouds, and a file system in memory with busybox, which sends back what comes by TCP.
 *
 * Nothing is installed: the two packages are downloaded to node_modules/.cache/ and unpacked.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { needPrograms } from './processes.ts';
import { root } from './programs.ts';

export const ECHO_PORT = 5302;

export interface GuestImage {
  readonly kernel: string;
  readonly initrd: string;
}

const cache = path.join(root, 'node_modules/.cache/guest');
/** In the order in which each needs those before it. */
const modules = [
  ...['virtio_ring', 'virtio', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio_pci'],
  ...['failover', 'net_failover', 'virtio_net'],
];

/** Of a guest with an address; in a directory. Says what it downloads, if it has to. */
export function guestImage(dir: string, ip: string, say: (line: string) => void): GuestImage {
  needPrograms({ 'apt-get': 'apt', 'dpkg-deb': 'dpkg', 'qemu-system-x86_64': 'qemu-system-x86' });
  const unpacked = path.join(cache, 'unpacked');
  if (!fs.existsSync(unpacked)) download(unpacked, say);
  const boot = path.join(unpacked, 'boot');
  const kernel = fs.readdirSync(boot).find((name) => name.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new Error(`${boot} has no kernel; remove ${cache}`);
  const initrd = path.join(dir, 'guest.initrd');
  fs.writeFileSync(initrd, archive(filesOf(unpacked, ip)));
  return { kernel: path.join(boot, kernel), initrd };
}

/** In a directory of its own, for others may do the same. */
function download(unpacked: string, say: (line: string) => void): void {
  fs.mkdirSync(cache, { recursive: true });
  const own = fs.mkdtempSync(path.join(cache, 'download-'));
  try {
    try {
      takePackages(own, say);
    } catch {
      // There are no lists, or they name what Debian has replaced since.
      say('updating the lists of Debian packages');
      run(own, 'apt-get', 'update', '-q');
      takePackages(own, say);
    }
    const parts = path.join(own, 'parts');
    const packages = fs.readdirSync(own).filter((one) => one.endsWith('.deb'));
    for (const name of packages) run(own, 'dpkg-deb', '-x', name, parts);
    if (!fs.existsSync(unpacked)) fs.renameSync(parts, unpacked);
  } finally {
    fs.rmSync(own, { recursive: true, force: true });
  }
}

function takePackages(dir: string, say: (line: string) => void): void {
  const depends = run(dir, 'apt-cache', 'depends', 'linux-image-cloud-amd64');
  const kernel = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (kernel === undefined) throw new Error('Debian has no linux-image-cloud-amd64 here');
  say(`downloading Debian packages (${kernel}, busybox-static: a guest that serves TCP)`);
  run(dir, 'apt-get', 'download', kernel, 'busybox-static');
}

/** What it printed; it throws with what it complained of. */
function run(dir: string, program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, {
    cwd: dir,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

interface File {
  readonly name: string;
  readonly mode: number;
  readonly data: Uint8Array;
}

function filesOf(unpacked: string, ip: string): readonly File[] {
  const all = fs.readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
  const found = modules.flatMap((name) => {
    const at = all.find((one) => path.basename(one) === `${name}.ko`);
    return at === undefined ? [] : [{ name: `${name}.ko`, at }];
  });
  const init = [
    '#!/bin/busybox sh',
    'b=/bin/busybox',
    '$b mount -t devtmpfs none /dev',
    ...found.map(({ name }) => `$b insmod /${name}`),
    '$b ip link set lo up',
    '$b ip link set eth0 up',
    `$b ip addr add ${ip} dev eth0`,
    `echo serving`,
    `while true; do $b nc -ll -p ${ECHO_PORT} -e /bin/cat; done`,
  ];
  const folder = (name: string): File => ({ name, mode: 0o40755, data: new Uint8Array(0) });
  const program = (name: string, data: Uint8Array): File => ({ name, mode: 0o100755, data });
  const busybox = fs.readFileSync(path.join(unpacked, 'bin/busybox'));
  return [
    ...['bin', 'dev'].map(folder),
    program('bin/busybox', busybox),
    program('bin/cat', busybox),
    ...found.map(({ name, at }) => program(name, fs.readFileSync(path.join(unpacked, at)))),
    program('init', Buffer.from(`${init.join('\n')}\n`)),
  ];
}

/** As the kernel unpacks it: cpio, "new ASCII" (Documentation/driver-api/early-userspace). */
function archive(files: readonly File[]): Uint8Array {
  const end: File = { name: 'TRAILER!!!', mode: 0, data: new Uint8Array(0) };
  const parts = [...files, end].flatMap(({ name, mode, data }, i) => {
    const isFolder = mode >> 12 === 4;
    const fields = [
      ...[i + 1, mode, 0, 0, isFolder ? 2 : 1, 0, data.length, 0, 0, 0, 0, name.length + 1, 0],
    ];
    const numbers = fields.map((one) => one.toString(16).padStart(8, '0')).join('');
    const head = padded(Buffer.from(`070701${numbers}${name}\0`));
    return [head, padded(data)];
  });
  return Buffer.concat(parts);
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
