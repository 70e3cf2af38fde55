/**
 * Servers of the API: plain or with TLS, and how long they wait for whom.
 */
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type { InetTarget } from '../../slices/config/target.ts';
import { limits } from '../../slices/limits.ts';
import { messageOf } from '../world/error-text.ts';
import { tlsOptions } from '../world/tls-socket.ts';

type Handle = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export function serverAt({ tls }: InetTarget, handle: Handle): http.Server {
  const own = serverOptions();
  const server =
    tls === undefined
      ? http.createServer(own, handle)
      : https.createServer(
          { ...own, ...tlsOptions(tls), handshakeTimeout: limits.apiHeaderMs },
          handle,
        );
  // Switches, controllers and the store need files, too.
  server.maxConnections = limits.apiConnectionsMax;
  return server;
}

/** Slow, silent and idle ones are let go. */
export function serverOptions(): http.ServerOptions {
  return {
    headersTimeout: limits.apiHeaderMs,
    requestTimeout: limits.apiRequestMs,
    keepAliveTimeout: limits.apiIdleMs,
    connectionsCheckingInterval: limits.apiHeaderMs / 2,
  };
}

/** Who connects from now on meets what the TLS files hold now. */
export function renew(
  server: net.Server,
  { tls }: InetTarget,
  failed: (why: string) => void,
): void {
  if (tls === undefined || !(server instanceof https.Server)) return;
  try {
    server.setSecureContext(tlsOptions(tls));
  } catch (error) {
    failed(`the API keeps its key and certificate: ${messageOf(error)}`);
  }
}

export function closeAll(server: http.Server): void {
  server.close();
  server.closeAllConnections();
}
