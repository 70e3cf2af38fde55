/**
 * TLS under a connection: each end shows a certificate of the other's CA, or there is no
 * connection.
 *
 * Nothing older than TLS 1.2, no tickets (a resumed session would rest on what was verified
 * before). Names are not looked at, as Open vSwitch does not: certificates of ovs-pki(8) hold
 * none. Who must be told apart is told by `peer:` and `certificate:` (slices/config/tls.ts).
 */
import { constants, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import type net from 'node:net';
import tls from 'node:tls';
import { type ShownCertificate, type TlsFiles, whyNotWanted } from '../../slices/config/tls.ts';
import { messageOf } from './error-text.ts';

/** For both ends. Throws what `whyUnusable` explains. */
function optionsOf({ key, certificate, ca }: TlsFiles) {
  return {
    key: fs.readFileSync(key),
    cert: fs.readFileSync(certificate),
    ca: fs.readFileSync(ca),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const;
}

/** Dials; `why` after the socket closed says what was wrong with TLS, if anything was. */
export function dialTls(
  { host, port }: { readonly host: string; readonly port: number },
  files: TlsFiles,
): tls.TLSSocket {
  // Whose certificate it is, is decided by the CA and by `peer`, not by the address dialled.
  const checkServerIdentity = (): undefined => undefined;
  const own = { host, port, checkServerIdentity };
  return tls.connect({ ...own, ...optionsOf(files) });
}

/**
 * For a server of HTTPS: its clients show tokens, and not certificates. Throws what `whyUnusable`
 * explains.
 */
export function tlsOptions(files: TlsFiles) {
  const { key, cert, minVersion, secureOptions } = optionsOf(files);
  return { key, cert, minVersion, secureOptions };
}

/** Accepts; `refused` hears of those that showed nothing good. */
export function serveTls(
  files: TlsFiles,
  accept: (socket: net.Socket) => void,
  refused: (peer: string, why: string) => void,
): tls.Server {
  const server = tls.createServer({ ...optionsOf(files), requestCert: true }, accept);
  // Whoever hangs up in the middle has no address any more. `_parent` is what TLS runs over; Node
  // says so nowhere, hence the question mark below.
  const addresses = new WeakMap<net.Socket, string>();
  server.on('connection', (socket: net.Socket) => addresses.set(socket, peerOf(socket)));
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const { _parent: below } = socket as { readonly _parent?: net.Socket };
    const peer = below && addresses.get(below);
    refused(peer ?? peerOf(socket), whyFailed(errorOf(socket, error), files));
  });
  return server;
}

/** Who connects from now on meets what the files hold now; why not, if they are no good. */
export function renewTls(
  server: tls.Server,
  files: TlsFiles,
  wallClockMs: number,
): string | undefined {
  const why = whyUnusable(files, wallClockMs);
  if (why === undefined) server.setSecureContext(optionsOf(files));
  return why;
}

export function peerOf({ remoteAddress, remotePort }: net.Socket): string {
  return remoteAddress === undefined ? 'somebody' : `${remoteAddress}:${remotePort}`;
}

/** What the other end showed; undefined for a socket without TLS. */
export function shownBy(socket: net.Socket): ShownCertificate | undefined {
  if (!(socket instanceof tls.TLSSocket)) return undefined;
  const { subject, fingerprint256 } = socket.getPeerCertificate();
  const name = subject?.CN;
  return {
    name: Array.isArray(name) ? name.join(',') : (name ?? ''),
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** Why the other end is not the one that was meant, or undefined. */
export function whyStranger(socket: net.Socket, { peer }: TlsFiles): string | undefined {
  return peer === undefined ? undefined : whyNotWanted(peer, shownBy(socket));
}

function errorOf(socket: tls.TLSSocket, error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  // After a certificate that is no good Node says "socket hang up", and why elsewhere.
  const code: unknown = socket.authorizationError;
  return typeof code === 'string' ? Object.assign(new Error(error.message), { code }) : error;
}

/** A failed handshake in words; OpenSSL's where there are none. */
export function whyFailed(error: NodeJS.ErrnoException, { ca }: TlsFiles): string {
  // The network's trouble, not that of TLS.
  if (error.syscall !== undefined) return messageOf(error);
  const stranger = `its certificate is not signed by the CA in ${ca}`;
  const words: Readonly<Record<string, string>> = {
    CERT_HAS_EXPIRED: 'its certificate has expired',
    CERT_NOT_YET_VALID: 'its certificate is not valid yet; do the clocks agree?',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: stranger,
    UNABLE_TO_GET_ISSUER_CERT: stranger,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: stranger,
    SELF_SIGNED_CERT_IN_CHAIN: stranger,
    DEPTH_ZERO_SELF_SIGNED_CERT: stranger,
    CERT_SIGNATURE_FAILURE: stranger,
    ECONNRESET: 'it hung up in the middle of the TLS handshake; its own log says why',
    ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: 'what came was changed on the way',
    ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it showed no certificate',
    ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks nothing newer than TLS 1.1',
    ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
    ERR_SSL_HTTP_REQUEST: 'it does not speak TLS',
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not know the CA of our certificate',
    ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it does not speak TLS 1.2 or newer',
    ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'it says that our certificate has expired',
    ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'it does not accept our certificate',
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it requires a certificate of ours',
  };
  return words[error.code ?? ''] ?? `TLS failed: ${error.message}`;
}

/** Why these files cannot be used, for people; undefined when they can. */
export function whyUnusable(files: TlsFiles, wallClockMs: number): string | undefined {
  for (const path of [files.key, files.certificate, files.ca]) {
    try {
      fs.accessSync(path, fs.constants.R_OK);
    } catch {
      return `${path} cannot be read`;
    }
  }
  try {
    tls.createSecureContext(optionsOf(files));
  } catch (error) {
    const why = messageOf(error);
    return `${files.key}, ${files.certificate} and ${files.ca} do not match: ${why}`;
  }
  const { validTo } = new X509Certificate(fs.readFileSync(files.certificate));
  if (Date.parse(validTo) < wallClockMs) return `${files.certificate} has expired (${validTo})`;
  return undefined;
}
