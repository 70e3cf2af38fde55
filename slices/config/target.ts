/**
 * Open vSwitch's grammar for addresses to connect to and to listen on.
 *
 * `tcp:HOST[:PORT]` is dialled, `ptcp:[PORT][:HOST]` is listened on; IPv6 goes in brackets. A bare
 * `HOST` or `HOST:PORT` means `tcp:`. `unix:/PATH` and `punix:/PATH` are sockets of this machine.
 * `ssl:HOST[:PORT]` and `pssl:[PORT][:HOST]` are the same over TLS, with the keys that `tls:`
 * names.
 */
import ipaddr from 'ipaddr.js';

import type { Failure, Parsed } from './parsed.ts';
import type { TlsFiles } from './tls.ts';

export type Target = InetTarget | UnixTarget;

export interface InetTarget {
  readonly host: string;
  readonly port: number;
  /** Only over TLS, with these. */
  readonly tls?: TlsFiles;
}

export interface UnixTarget {
  readonly path: string;
}

export function isUnix(target: Target): target is UnixTarget {
  return 'path' in target;
}

const OPENFLOW_PORT = 6653;
/** RFC 6761 section 6.3, and what Debian has in /etc/hosts. */
const loopbackNames = /^(localhost([.]localdomain)?|ip6-l(ocalhost|oopback)|.+[.]localhost)$/i;
/** sockaddr_un's sun_path, less its last NUL (unix(7)). */
const UNIX_PATH_BYTES_MAX = 107;
const fail = (why: string): Failure => ({ ok: false, why });

/** A controller's address, to dial; `tls` is what there is for `ssl:`. */
export function parseTarget(text: string, tls?: TlsFiles): Parsed<Target> {
  if (text.startsWith('unix:')) return parsePath(text);
  if (/^(pssl|punix|ptcp):/.test(text)) return fail(schemeTrouble(text, 'tcp:HOST:PORT'));
  const isTls = text.startsWith('ssl:');
  if (isTls && tls === undefined) return fail(noKeys(text));
  const bare = text.replace(/^(tcp|ssl):/, '');
  const parts = /^(\[[^\]]+\]|[^:[\]]+)(?::([0-9]+))?$/.exec(bare);
  if (parts === null) return fail(`"${text}" is not an address; write tcp:HOST:PORT`);
  const host = parseHost(parts[1] ?? '');
  if (!host.ok) return host;
  const port = parsePort(parts[2] ?? String(OPENFLOW_PORT));
  if (!port.ok) return port;
  const value = { host: host.value, port: port.value, ...(isTls && tls && { tls }) };
  return { ok: true, value };
}

/** An address to listen on; `*` (all IPv4 addresses) when the text names no host. */
export function parseListen(text: string, tls?: TlsFiles): Parsed<Target> {
  if (text.startsWith('punix:')) return parsePath(text);
  const isTls = text.startsWith('pssl:');
  if (isTls && tls === undefined) return fail(noKeys(text));
  const parts = /^p(?:tcp|ssl):([0-9]*)(?::(.+))?$/.exec(text);
  if (parts === null) return fail(schemeTrouble(text, 'ptcp:PORT or ptcp:PORT:HOST'));
  const port = parsePort(parts[1] === '' ? String(OPENFLOW_PORT) : (parts[1] ?? ''));
  if (!port.ok) return port;
  const host = parseHost(parts[2] ?? '0.0.0.0');
  if (!host.ok) return host;
  const value = { host: host.value, port: port.value, ...(isTls && tls && { tls }) };
  return { ok: true, value };
}

export function targetText(target: Target): string {
  if (isUnix(target)) return `unix:${target.path}`;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${target.tls === undefined ? 'tcp' : 'ssl'}:${host}:${target.port}`;
}

/** An address that is listened on, as the file has it. */
export function listenText(target: Target): string {
  if (isUnix(target)) return `punix:${target.path}`;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const scheme = target.tls === undefined ? 'ptcp' : 'pssl';
  return `${scheme}:${target.port}${host === '0.0.0.0' ? '' : `:${host}`}`;
}

/**
 * Whether dialling `target` would reach one of our own listeners. FlowVisor did that to itself
 * until it crashed (catalogues/conventions.md).
 */
export function pointsAtUs(
  target: Target,
  listeners: readonly Target[],
  ownAddresses: readonly string[],
): boolean {
  if (isUnix(target)) return listeners.some((one) => isUnix(one) && one.path === target.path);
  const own = ownAddresses.map(normal);
  const isName = loopbackNames.test(target.host);
  const dialled = isName ? ['127.0.0.1', '::1'].map(normal) : [normal(target.host)];
  const isLocal = dialled.some((host) => isLoopback(host) || isAny(host) || own.includes(host));
  return listeners.some((one) => {
    if (isUnix(one) || one.port !== target.port) return false;
    return dialled.includes(normal(one.host)) || (isAny(one.host) && isLocal);
  });
}

/** Absolute: it means the same wherever a process was started. At most what a sockaddr holds. */
function parsePath(text: string): Parsed<UnixTarget> {
  const path = text.slice(text.indexOf(':') + 1);
  if (!path.startsWith('/'))
    return fail(`the path in "${text}" is not absolute; begin it with "/"`);
  const why = whyNoSocket(path);
  return why === undefined ? { ok: true, value: { path } } : fail(why);
}

/** Why no Unix socket can be there, whatever the file system holds. */
export function whyNoSocket(path: string): string | undefined {
  const { length } = new TextEncoder().encode(path);
  if (length <= UNIX_PATH_BYTES_MAX) return undefined;
  return `"${path}" is too long for a socket path: ${length} bytes, at most ${UNIX_PATH_BYTES_MAX}`;
}

function parseHost(text: string): Parsed<string> {
  const bare = text.replace(/^\[|\]$/g, '');
  const scopeless = bare.replace(/%.*$/, '');
  if (ipaddr.isValid(scopeless) && !/^[0-9]+$/.test(scopeless)) return { ok: true, value: bare };
  if (/^[0-9.]+$/.test(bare))
    return fail(`"${bare}" is not an IPv4 address; write it like 192.0.2.1`);
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(bare)) return { ok: true, value: bare };
  return fail(`"${bare}" is neither an IP address nor a host name; write tcp:HOST:PORT`);
}

function parsePort(text: string): Parsed<number> {
  const port = Number(text);
  const fits = /^[0-9]+$/.test(text) && port >= 1 && port <= 65_535;
  return fits ? { ok: true, value: port } : fail(`"${text}" is not a TCP port; use 1 to 65535`);
}

function noKeys(text: string): string {
  return `"${text}" needs TLS keys; add "tls: { key, certificate, ca }" here or at the top`;
}

function schemeTrouble(text: string, wanted: string): string {
  return `"${text}" is not an address of this kind; write ${wanted}`;
}

function normal(host: string): string {
  const bare = host.replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toNormalizedString() : bare.toLowerCase();
}

/** Whether only this machine reaches what listens there. */
export function isLocalHost(host: string): boolean {
  return loopbackNames.test(host) || isLoopback(host);
}

function isLoopback(host: string): boolean {
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || normal(host) === '0:0:0:0:0:0:0:0';
}

/** Where it is dialled, or where it came in: as the file has it. */
export function controllerText(one: {
  readonly kind: 'dialled' | 'guest';
  readonly target: Target;
}): string {
  return one.kind === 'guest' ? listenText(one.target) : targetText(one.target);
}
