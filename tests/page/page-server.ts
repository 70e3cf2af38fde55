/**
 * The page with documents that are made up, for networks larger than a lab: what the API would
 * answer, on an address of this machine.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type {
  EnsembleDocument,
  HostMoved,
  Migrated,
  TopologyDocument,
} from '../../hypervisor/page/documents.ts';

const bundle = path.resolve(import.meta.dirname, '../../hypervisor/page/bundle');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface Answers {
  topology: TopologyDocument;
  migrations: readonly Migrated[];
  ensembles?: readonly EnsembleDocument[];
  hostMoves?: readonly HostMoved[];
}

export interface PageServer {
  readonly url: string;
  close(): void;
}

/** Its answers are those of the moment. */
export async function servePage(answers: Answers): Promise<PageServer> {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const documents: Readonly<Record<string, unknown>> = {
      '/api/v1/self': { name: 'somebody', role: 'operator' },
      '/api/v1/topology': answers.topology,
      '/api/v1/migrations': answers.migrations,
      '/api/v1/ensembles': answers.ensembles ?? [],
      '/api/v1/host-moves': answers.hostMoves ?? [],
    };
    if (pathname === '/api/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
    } else if (pathname in documents) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(documents[pathname]));
    } else {
      const file = path.join(bundle, pathname === '/' ? 'index.html' : path.basename(pathname));
      if (fs.existsSync(file)) {
        response.setHeader('content-type', types[path.extname(file)] ?? 'text/plain');
        response.end(fs.readFileSync(file));
      } else response.writeHead(404).end('{}');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
