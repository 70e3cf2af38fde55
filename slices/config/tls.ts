/**
 * Keys and certificates in the configuration file, and the certificate that a peer must present.
 *
 * `tls: { key, certificate, ca, peer }` stands at the top for switches (`pssl:`), and with a tenant
 * for its controllers (`ssl:`, and `pssl:` where they come by themselves). As with Open vSwitch,
 * whoever shows a certificate of the CA is trusted; `peer`, and a datapath's `certificate`, say
 * which one it must be.
 */

import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';

/** Which certificate: its subject's common name, or its SHA-256 fingerprint in small hex digits. */
export type WantedCertificate =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'fingerprint'; readonly hex: string };

/** What somebody showed, after it was verified. */
export interface ShownCertificate {
  readonly name: string;
  readonly fingerprint: string;
}

/** Paths of PEM files; absolute, or relative to where the process was started. */
export interface TlsFiles {
  readonly key: string;
  readonly certificate: string;
  /** Who signs the other ends' certificates. */
  readonly ca: string;
  readonly peer?: WantedCertificate;
}

/** Reads `tls:`; relative paths are beside the file, which is in `folder`. */
export function readTls(at: Reader | undefined, folder: string): TlsFiles | undefined {
  if (at === undefined) return undefined;
  at.onlyKeys(['key', 'certificate', 'ca', 'peer']);
  const [key, certificate, ca] = ['key', 'certificate', 'ca'].map((name) => {
    const path = at.required(name).text();
    return path === undefined || path.startsWith('/') ? path : `${folder}/${path}`;
  });
  const peer = readWanted(at.optional('peer'));
  if (key === undefined || certificate === undefined || ca === undefined) return undefined;
  return { key, certificate, ca, ...(peer && { peer }) };
}

/** Reads which certificate somebody must show. */
export function readWanted(at: Reader | undefined): WantedCertificate | undefined {
  return at?.parsed(parseWanted)[0];
}

function parseWanted(text: string): Parsed<WantedCertificate> {
  const hex = text
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return { ok: true, value: { type: 'fingerprint', hex } };
  if (!/^sha256:/i.test(text)) return { ok: true, value: { type: 'name', name: text } };
  const why = `"${text}" is not a SHA-256 fingerprint; write sha256: and 64 hex digits`;
  return { ok: false, why };
}

/** Why what was shown is not what is wanted, or undefined when it is. */
export function whyNotWanted(
  wanted: WantedCertificate,
  shown: ShownCertificate | undefined,
): string | undefined {
  if (shown === undefined) {
    return `it connected without TLS; it must present the certificate ${wantedText(wanted)}`;
  }
  const fits =
    wanted.type === 'name' ? shown.name === wanted.name : shown.fingerprint === wanted.hex;
  if (fits) return undefined;
  const is = `"${shown.name}" (sha256:${shown.fingerprint})`;
  return `it presented the certificate ${is}; it must present ${wantedText(wanted)}`;
}

function wantedText(wanted: WantedCertificate): string {
  return wanted.type === 'name' ? `"${wanted.name}"` : `sha256:${wanted.hex}`;
}
