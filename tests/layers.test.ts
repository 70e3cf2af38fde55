/**
 * Imports go one way, and only the shell touches the world (DESIGN 1).
 *
 * Each rule and each exemption is a row with its reason. The second half shows that every kind of
 * rule catches a made-up offender: a test that cannot fail proves nothing.
 */

import t from 'tap';
import type { SourceFile } from 'typescript/unstable/ast';
import {
  circlesIn,
  folderOf,
  importGraph,
  oursOf,
  roomOf,
  rooms,
  upwardIn,
} from './support/import-graph.ts';
import {
  type Folder,
  folders,
  importsOf,
  mentionsOf,
  parse,
  parseEach,
  place,
  readSources,
  type Trees,
  walk,
} from './support/sources.ts';

/** What each folder may import besides itself. */
const mayImport: Readonly<Record<Folder, { folders: readonly Folder[]; reason: string }>> = {
  openflow: { folders: [], reason: 'the wire knows nothing of slices' },
  slices: { folders: ['openflow'], reason: 'the model is in OpenFlow terms; it applies no rules' },
  translation: { folders: ['openflow', 'slices'], reason: 'the rules are pure; the shell acts' },
  hypervisor: { folders: ['openflow', 'slices', 'translation'], reason: 'the shell uses all' },
};

/** Files that may import each other, be it by way of others. */
const CIRCLE_FILES_MAX = 2;

/** What a browser runs: it imports nothing of ours, and may do what a browser lets it. */
const page = 'hypervisor/page/';

/** Packages, and where they may be imported. What is not here may be imported nowhere. */
const packages: readonly {
  name: RegExp;
  folders: readonly Folder[];
  /** Where alone in them, if not everywhere. */
  room?: string;
  reason: string;
}[] = [
  { name: /^node:/, folders: ['hypervisor'], reason: 'only the shell touches the world' },
  { name: /^ts-pattern$/, folders, reason: 'pure: exhaustive matches off the hot path' },
  { name: /^lru-cache$/, folders, reason: 'pure: caches that may forget' },
  {
    name: /^ipaddr\.js$/,
    folders: ['slices', 'hypervisor'],
    reason: 'addresses people write: the configuration (slices/) and the command line',
  },
  { name: /^yaml$/, folders: ['hypervisor'], reason: 'reading files is the shell’s' },
  { name: /^pino$/, folders: ['hypervisor'], reason: 'pure code answers; the shell logs' },
  { name: /^fastify$/, folders: ['hypervisor'], reason: 'the API: routes and checked requests' },
  { name: /^@fastify\/swagger$/, folders: ['hypervisor'], reason: 'its OpenAPI document' },
  {
    name: /^@fastify\/type-provider-typebox$/,
    folders: ['hypervisor'],
    reason: 'requests are checked by the schemas that the document shows',
  },
  { name: /^prom-client$/, folders: ['hypervisor'], reason: 'metrics of the process itself' },
  { name: /^typebox$/, folders: ['hypervisor'], reason: 'schemas of the API, and types of them' },
  {
    name: /^preact(\/hooks)?$/,
    ...{ folders: ['hypervisor'], room: page },
    reason: 'what the page is made of, in a browser',
  },
  {
    name: /^d3-(force|zoom|selection)$/,
    ...{ folders: ['hypervisor'], room: page },
    reason: 'where the page draws what, and how near',
  },
  {
    name: /^uplot$/,
    ...{ folders: ['hypervisor'], room: page },
    reason: 'charts of the page',
  },
  { name: /^commander$/, folders: ['hypervisor'], reason: 'the command line is the shell’s' },
];

/** Ways out of determinism, as `mentionsOf` spells them; `except` is the one file that may. */
const world = 'hypervisor/world/node-world.ts';
const ambient: readonly { names: readonly string[]; except?: string; reason: string }[] = [
  {
    names: ['Date.now', 'new Date()', 'Date()', 'performance', '.hrtime', 'hrtime'],
    except: world,
    reason: 'time is an argument; the shell reads World.nowMs (DESIGN 1)',
  },
  {
    names: ['setTimeout', 'setInterval', '.setInterval', 'setImmediate', '.setImmediate'],
    except: world,
    reason: 'timers are World.after and World.soon, which the simulator has too',
  },
  {
    // How long an answer may stay unread is told to Node's HTTP server, which is not simulated.
    names: ['.setTimeout'],
    except: 'hypervisor/api/responses.ts',
    reason: 'timers are World.after and World.soon, which the simulator has too',
  },
  {
    names: ['queueMicrotask', '.nextTick', 'nextTick'],
    except: world,
    reason: 'what runs later runs through World, in an order that a seed decides',
  },
  {
    names: ['Math.random', 'crypto', 'randomBytes', 'randomInt', 'randomUUID', 'getRandomValues'],
    except: world,
    reason: 'chance is World.random, so that a seed replays everything',
  },
  { names: ['globalThis'], reason: 'it would hide each of the above' },
];

/** What a file that forgets must not hold: LRU caches silently lose what still matters. */
const unforgettable = /xid|buffer/i;

const pageReason = 'the page knows the API’s documents, and no code of ours';

function importBreaches(path: string, folder: Folder, file: SourceFile): string[] {
  return importsOf(path, file).flatMap(({ node, target, isLocal }) => {
    const where = `${place(path, file, node)} imports ${target}`;
    if (isLocal) {
      if (path.startsWith(page) && !target.startsWith(page)) return [`${where}: ${pageReason}`];
      const other = folderOf(target);
      const { folders: allowed, reason } = mayImport[folder];
      const fine = other === folder || (other !== undefined && allowed.includes(other));
      return fine ? [] : [`${where}: ${reason}`];
    }
    const rule = packages.find(({ name }) => name.test(target));
    if (rule === undefined) return [`${where}: not in this test's table of packages`];
    const isRoom = path.startsWith(rule.room ?? '');
    // What the page takes is the page's, and what it takes not is the shell's.
    const fine =
      rule.folders.includes(folder) && isRoom && (rule.room === page) === path.startsWith(page);
    return fine ? [] : [`${where}: ${rule.reason}`];
  });
}

function ambientBreaches(path: string, folder: Folder, file: SourceFile): string[] {
  const forgets = importsOf(path, file).some(({ target }) => target === 'lru-cache');
  const found: string[] = [];
  walk(file, (node) => {
    for (const mention of mentionsOf(node)) {
      const where = `${place(path, file, node)} mentions ${mention}`;
      const inPage = path.startsWith(page);
      const rule = ambient.find(({ names, except }) => names.includes(mention) && except !== path);
      if (rule !== undefined && !inPage) found.push(`${where}: ${rule.reason}`);
      if (mention === 'process' && folder !== 'hypervisor') found.push(`${where}: not pure`);
      if (forgets && unforgettable.test(mention)) found.push(`${where}: lru-cache would forget it`);
    }
  });
  return found;
}

function breaches(trees: Trees): string[] {
  return [...trees].flatMap(([path, file]) => {
    const folder = folderOf(path);
    if (folder === undefined) return [];
    return [...importBreaches(path, folder, file), ...ambientBreaches(path, folder, file)];
  });
}

const sources = oursOf(readSources());
const trees = parse(sources);

t.test('imports go one way and only the shell touches the world', async (t) => {
  for (const folder of folders) {
    t.ok(
      Object.keys(sources).some((path) => folderOf(path) === folder),
      `${folder}/ is read`,
    );
  }
  t.strictSame(breaches(trees), []);
});

t.test('rooms import those below them, and no circle is larger than two files', async (t) => {
  const graph = importGraph(sources, trees);
  const files = [...graph.keys()];
  for (const [i, { name }] of rooms.entries()) {
    t.ok(
      files.some((path) => roomOf(path) === i),
      `${name} is read`,
    );
  }
  t.strictSame(
    files.filter((path) => roomOf(path) === -1),
    [],
    'each file is in a room',
  );
  t.strictSame(upwardIn(graph), []);
  t.strictSame(circlesIn(graph).filter(isLarge), []);
});

function isLarge(circle: readonly string[]): boolean {
  return circle.length > CIRCLE_FILES_MAX;
}

t.test('an import from a room above is caught, types too', async (t) => {
  const text = "import { b } from '../tenant/b.ts'; import type { C } from '../hypervisor.ts';";
  t.strictSame(upwardIn(importGraph({ 'hypervisor/store/a.ts': text })), [
    'hypervisor/store/a.ts -> hypervisor/tenant/b.ts',
    'hypervisor/store/a.ts -> hypervisor/hypervisor.ts',
  ]);
  t.strictSame(upwardIn(importGraph({ 'hypervisor/tenant/a.ts': "import '../store/b.ts';" })), []);
  const inSlices = { 'slices/rules/a.ts': "import type { B } from '../network/b.ts';" };
  t.equal(upwardIn(importGraph(inSlices)).length, 1);
});

t.test('a circle of three files is caught, types too; one of two is let pass', async (t) => {
  const two = {
    'slices/a.ts': "import { b } from './rules/b.ts';",
    'slices/rules/b.ts': "import type { A } from '../a.ts';",
  };
  t.strictSame(circlesIn(importGraph(two)).filter(isLarge), []);
  const three = {
    ...two,
    'slices/rules/b.ts': "import type { C } from '../c.ts';",
    'slices/c.ts': "let a: import('./a.ts').A;",
    'slices/d.ts': "import { a } from './a.ts';",
  };
  t.strictSame(circlesIn(importGraph(three)).filter(isLarge), [
    ['slices/a.ts', 'slices/c.ts', 'slices/rules/b.ts'],
  ]);
});

t.test('the exempted file exists', async (t) => {
  t.hasOwnProp(sources, world);
});

/** Path and text of what must be caught, and how many breaches are in it. */
const offenders: readonly [path: string, text: string, count: number][] = [
  ['openflow/a.ts', "import { b } from '../slices/b.ts';", 1],
  ['openflow/a.ts', "import type { B } from '../slices/b.ts';", 1],
  ['openflow/a.ts', "let b: import('../slices/b.ts').B;", 1],
  ['slices/a.ts', "export * from '../translation/b.ts';", 1],
  ['translation/a.ts', "await import('../hypervisor/b.ts');", 1],
  ['hypervisor/a.ts', "import { hex } from '../tests/support/hex.ts';", 1],
  ['hypervisor/a.ts', "import pino from '../node_modules/pino/pino.js';", 1],
  ['translation/a.ts', "import net from 'node:net';", 1],
  ['translation/a.ts', "import net from 'net';", 1],
  ['slices/a.ts', "import { parse } from 'yaml';", 1],
  ['translation/a.ts', "import ip from 'ipaddr.js';", 1],
  ['openflow/a.ts', "import pino from 'pino';", 1],
  ['slices/a.ts', "import { Command } from 'commander';", 1],
  ['hypervisor/a.ts', "import lodash from 'lodash';", 1],
  ['hypervisor/a.ts', "import { h } from 'preact';", 1],
  ['hypervisor/page/a.ts', "import net from 'node:net';", 1],
  ['hypervisor/page/a.ts', "import { match } from 'ts-pattern';", 1],
  ['hypervisor/page/a.ts', "import { World } from '../world/world.ts';", 1],
  ['hypervisor/page/a.ts', "import type { DatapathName } from '../../slices/ids.ts';", 1],
  ['hypervisor/a.ts', "import { setTimeout } from 'node:timers/promises';", 1],
  ['hypervisor/a.ts', "import { randomBytes } from 'node:crypto';", 1],
  ['hypervisor/a.ts', 'const at = [Date.now(), performance.now(), process.hrtime()];', 3],
  ['slices/a.ts', 'const at = [new Date(), Date(), Math.random()];', 3],
  ['hypervisor/a.ts', 'setTimeout(f, 1); setInterval(f, 1); setImmediate(f);', 3],
  ['hypervisor/a.ts', 'socket.setTimeout(1); globalThis.fetch;', 2],
  ['openflow/a.ts', 'if (process.env.DEBUG) f();', 1],
  ['slices/a.ts', "import { LRUCache } from 'lru-cache'; const byXid = new LRUCache();", 1],
];

const caught = parseEach(offenders.map(([path, text]) => ({ [path]: text }))).map(breaches);
for (const [i, [path, text, count]] of offenders.entries()) {
  t.test(`caught in ${path}: ${text}`, async (t) => {
    t.equal(caught[i]?.length, count, { found: caught[i] });
  });
}

/** What looks like an offence and is none. */
const innocents: readonly [path: string, text: string][] = [
  ['slices/a.ts', "import { b } from '../openflow/b.ts'; import { c } from './c.ts';"],
  ['openflow/a.ts', "import { match } from 'ts-pattern'; import { LRUCache } from 'lru-cache';"],
  ['slices/a.ts', '// Date.now() and setTimeout\nconst text = "Math.random()";'],
  ['slices/a.ts', 'const on = new Date(0); const world = { setTimeout: 1 };'],
  ['hypervisor/page/a.tsx', "import { render } from 'preact'; setTimeout(f, Date.now());"],
  ['hypervisor/a.ts', 'world.after(1, f); if (process.env.DEBUG) f();'],
  [world, 'const at = performance.now() + Date.now() + setTimeout(f, 1);'],
];

const passed = parseEach(innocents.map(([path, text]) => ({ [path]: text }))).map(breaches);
for (const [i, [path, text]] of innocents.entries()) {
  t.test(`let pass in ${path}: ${text}`, async (t) => {
    t.strictSame(passed[i], []);
  });
}
