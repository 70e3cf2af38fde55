/**
 * Requests to a Limevisor elsewhere: the facts that a login verifies, and the credentials of each
 * request.
 *
 * The certificate that the server showed at the login is the only one that is trusted from then on:
 * those of a network's own CA have no names that could be compared (docs/TLS.md).
 */
import type { RequestOptions } from 'node:https';
import tls from 'node:tls';
import { messageOf } from '../world/error-text.ts';
import { Ending, exitCodes } from '../world/exit-codes.ts';
import type { Remote } from './contexts.ts';

/** `headers` are those of the request. */
export function remoteOptions({ url, token, certificate }: Remote): RequestOptions {
  const { hostname, port, protocol } = new URL(url);
  const pinned = {
    ca: certificate,
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  };
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    headers: { authorization: `Bearer ${token}` },
    ...(certificate !== undefined && pinned),
  };
}

/** What is to be trusted: whom a CA has signed, or whose fingerprint somebody has compared. */
export interface Trust {
  readonly ca?: string | Uint8Array;
  /** SHA-256, in hex digits with or without colons. */
  readonly fingerprint?: string;
}

/** The server's certificate, as PEM; ends the command when it is not to be trusted. */
export function certificateOf(url: string, trust: Trust): Promise<string> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = { host, port: port === '' ? 443 : Number(port) };
  // With a CA of one's own names are not looked at, as everywhere here; else they are.
  const own = trust.ca && { ca: Buffer.from(trust.ca), checkServerIdentity: () => undefined };
  const options = { ...at, ...own, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const socket = tls.connect(options, () => {
      const shown = socket.getPeerCertificate();
      const why = whyNotTrusted(socket, shown, trust);
      socket.destroy();
      if (why === undefined) resolve(pemOf(shown.raw));
      else reject(new Ending(exitCodes.rejected, `${url} is not trusted: ${why}`));
    });
    socket.on('error', (error) => {
      reject(new Ending(exitCodes.unreachable, `${url} cannot be reached: ${messageOf(error)}`));
    });
  });
}

function whyNotTrusted(
  socket: tls.TLSSocket,
  shown: tls.PeerCertificate,
  { ca, fingerprint }: Trust,
): string | undefined {
  const is = shown.fingerprint256;
  if (fingerprint !== undefined) {
    const bare = (text: string): string => text.replace(/^sha256:/i, '').replaceAll(':', '');
    const isSame = bare(fingerprint).toLowerCase() === bare(is).toLowerCase();
    return isSame ? undefined : `its certificate has the fingerprint sha256:${is}`;
  }
  if (socket.authorized) return undefined;
  const compare = `compare its fingerprint, and give it: --fingerprint sha256:${is}`;
  const signer = ca === undefined ? 'anybody whom this machine trusts' : 'this CA';
  return `its certificate is not signed by ${signer}; name its CA (--ca FILE), or ${compare}`;
}

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
