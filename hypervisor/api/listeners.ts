/**
 * The addresses on which the API listens: servers, plain or with TLS, and their timeouts.
 */
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import { type InetTarget, isUnix, listenText, type Target } from '../../slices/config/target.ts';
import { limits } from '../../slices/limits.ts';
import { messageOf } from '../world/error-text.ts';
import { tlsOptions } from '../world/tls-socket.ts';
import type { World } from '../world/world.ts';

type Handle = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export class ApiListeners {
  readonly #world: Pick<World, 'after'>;
  readonly #handle: Handle;
  /** By their addresses, as the file has them. */
  readonly #servers = new Map<string, http.Server>();

  constructor(world: Pick<World, 'after'>, handle: Handle) {
    this.#world = world;
    this.#handle = handle;
  }

  /** Listens there and nowhere else; `failed` is told where that cannot be. */
  follow(listen: readonly Target[], failed: (why: string) => void): void {
    const wanted = new Set(listen.map(listenText));
    for (const [text, server] of this.#servers) if (!wanted.has(text)) this.#leave(text, server);
    for (const at of listen) {
      if (isUnix(at)) continue;
      const known = this.#servers.get(listenText(at));
      if (known === undefined) this.#begin(at, failed);
      else renew(known, at, failed);
    }
  }

  close(): void {
    for (const server of this.#servers.values()) {
      server.close();
      server.closeAllConnections();
    }
  }

  #begin(at: InetTarget, failed: (why: string) => void): void {
    const text = listenText(at);
    const server = serverAt(at, this.#handle);
    this.#servers.set(text, server);
    server.on('error', (error) => {
      this.#servers.delete(text);
      failed(`cannot serve the API at ${text}: ${messageOf(error)}`);
    });
    server.listen(at.port, at.host);
  }

  /** Who asked for this by it hears how it ends; who only listens is not there for ever. */
  #leave(text: string, server: http.Server): void {
    server.close();
    this.#servers.delete(text);
    this.#world.after(limits.apiIdleMs, () => server.closeAllConnections());
  }
}

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
function renew(server: net.Server, { tls }: InetTarget, failed: (why: string) => void): void {
  if (tls === undefined || !(server instanceof https.Server)) return;
  try {
    server.setSecureContext(tlsOptions(tls));
  } catch (error) {
    failed(`the API keeps its key and certificate: ${messageOf(error)}`);
  }
}
