/**
 * A package as the text of a file (docs/GUIDE.md, "Packages"): JSON, with a line for each rule.
 *
 *   "limevisor": "ensemble", "version": 1     first: who cannot read the rest says so
 *   "tenant", "exported", "network", "hints", "schedules"
 *   "contents": by vswitch, what its controllers had made
 *   "checksum": "sha256:..."                  last: of all bytes before its line
 */
import { createHash } from 'node:crypto';
import type { Fields } from '../../slices/config/config-fields.ts';

const PACKAGE_VERSION = 1;

/** A rule in a package; `rule` is for people. Bytes are in hex, the cookie is 0x and digits. */
export interface PackageRule {
  readonly rule: string;
  readonly table: number;
  readonly priority: number;
  readonly cookie: string;
  readonly flags: number;
  readonly idle: number;
  readonly hard: number;
  readonly match: string;
  readonly instructions: string;
}

/** A group or a meter: the OpenFlow 1.3 message that makes it, in hex, and for people. */
export interface PackageFrame {
  readonly reads: string;
  readonly frame: string;
}

/** What a vswitch has besides its configuration. */
export interface PackageContents {
  /** By vport, what its controllers configured of it (OFPPC_*). */
  readonly ports: Readonly<Record<string, number>>;
  readonly meters: readonly PackageFrame[];
  readonly groups: readonly PackageFrame[];
  readonly rules: readonly PackageRule[];
}

export interface Package {
  readonly tenant: string;
  /** When: ISO 8601. */
  readonly exported: string;
  readonly network: Fields;
  readonly hints: Fields;
  readonly schedules: Fields;
  readonly contents: Readonly<Record<string, PackageContents>>;
}

export function packageText({ contents, ...head }: Package): string {
  const json = (value: unknown): string => JSON.stringify(value);
  const all = Object.entries(contents).map(([name, one]) => {
    const { ports, meters, groups, rules } = one;
    const parts = [
      `"ports": ${json(ports)}`,
      ...Object.entries({ meters, groups, rules }).map(([key, items]) => {
        return `${json(key)}: [${items.map((item) => `\n${json(item)}`).join(',')}]`;
      }),
    ];
    return `${json(name)}: {\n${parts.join(',\n')}\n}`;
  });
  const fields = Object.entries(head).map(([key, value]) => `${json(key)}: ${json(value)}`);
  const body = [
    '{\n"limevisor": "ensemble"',
    `"version": ${PACKAGE_VERSION}`,
    ...fields,
    `"contents": {\n${all.join(',\n')}\n}`,
  ].join(',\n');
  return `${body}${checksumLine(body)}`;
}

function checksumLine(body: string): string {
  return `,\n"checksum": "sha256:${createHash('sha256').update(body).digest('hex')}"\n}\n`;
}

const beginning = /^\{\s*"limevisor"\s*:\s*"ensemble"\s*,\s*"version"\s*:\s*([0-9]+)/;
const ending = /,\n"checksum": "sha256:([0-9a-f]{64})"\n\}\n$/;

/** What was written, or why it cannot be read. */
export function packageFrom(text: string): Package | { readonly why: string } {
  const version = beginning.exec(text)?.[1];
  if (version === undefined) {
    const why = 'it is no package; "limevisor export TENANT > FILE" writes one';
    return { why };
  }
  if (Number(version) !== PACKAGE_VERSION) {
    const mine = `this limevisor reads version ${PACKAGE_VERSION}`;
    return { why: `it is a package of version ${version}, and ${mine}; use the one that wrote it` };
  }
  const end = ending.exec(text);
  if (end === null) {
    return { why: 'it is torn: its last line, the checksum, is missing; export it again' };
  }
  const body = text.slice(0, end.index);
  if (checksumLine(body) !== end[0]) {
    const hint =
      'copy it again, or export it again; what you want to change, change after deploying';
    return { why: `it is damaged or was edited: its checksum is of another text; ${hint}` };
  }
  try {
    return shaped(JSON.parse(text) as Package);
  } catch {
    return { why: 'it is no JSON, though its checksum is right; export it again' };
  }
}

/** Whoever makes a package by a program of his own may have made anything. */
function shaped(read: Package): Package | { readonly why: string } {
  const { tenant, network, hints, schedules, contents } = read;
  const isMap = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const wrong = Object.entries({ network, hints, schedules, contents }).find(
    ([, value]) => !isMap(value),
  );
  if (typeof tenant !== 'string') return { why: 'it does not say whose network it is ("tenant")' };
  if (wrong !== undefined) return { why: `"${wrong[0]}" is not a map` };
  for (const [name, one] of Object.entries(contents)) {
    const lists = [one?.meters, one?.groups, one?.rules];
    if (!isMap(one?.ports) || !lists.every(Array.isArray)) {
      return { why: `"contents" of ${name} lacks ports, meters, groups or rules` };
    }
  }
  return read;
}
