/**
 * The page (hypervisor/page/), as `make page` bundled it: its files are served to anybody, and its
 * requests need a token.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Route } from './route.ts';

const folder = path.join(import.meta.dirname, '../page/bundle');

/** By path, the file and its type. */
const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** Nothing is loaded from elsewhere, nothing runs that is not in our file, nobody frames it. */
const policy = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'"],
  ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // Another Limevisor may have another page.
  'cache-control': 'no-cache',
};

/** Read once: whoever bundles it anew starts anew. */
const known = new Map<string, Uint8Array>();

export const pageRoutes: readonly Route[] = Object.entries(files).map(([at, [name, type]]) => ({
  ...{ method: 'GET', path: at, access: 'anybody', tag: 'page' },
  summary: `The page for people: ${name}`,
  produces: type.replace(/;.*/, ''),
  answer(_, __, reply) {
    const body = known.get(name) ?? readBundled(name);
    if (body === undefined) {
      reply.error('absent', `the page is not bundled here; "make page" in ${home} does it`);
      return;
    }
    known.set(name, body);
    reply.send(body, type, headers);
  },
}));

const home = path.join(import.meta.dirname, '../..');

function readBundled(name: string): Uint8Array | undefined {
  const file = path.join(folder, name);
  return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
}
