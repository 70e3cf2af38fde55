/**
 * Who imports whom, by file and by room, types too: for tests/layers.test.ts and `make graph`.
 */
import { type Folder, folders, importsOf, parse, type Sources } from './sources.ts';

/**
 * The rooms of the product, lowest first: each may import those before it. They are folders, or
 * subfolders; what lies in a folder beside its subfolders is a room of the folder's name.
 */
export const rooms = [
  { name: 'openflow/values', reason: 'the specification’s numbers and what is decoded' },
  { name: 'openflow/layout', reason: 'tables of fields, which read and write bytes' },
  { name: 'openflow/match', reason: 'matches of either version, in bytes and as values' },
  { name: 'openflow/packet', reason: 'tenants’ frames: their headers as fields' },
  { name: 'openflow/actions', reason: 'actions and instructions of either version' },
  { name: 'openflow/messages', reason: 'whole messages: the codec, and how they are cut out' },
  { name: 'openflow/print', reason: 'all of it as ovs-ofctl prints it' },
  { name: 'slices/limits', reason: 'every limit of the product, by subject' },
  { name: 'slices', reason: 'names, limits, and what has no better place' },
  { name: 'slices/config', reason: 'what the file says' },
  { name: 'slices/rules', reason: 'the rulebook and its memory' },
  { name: 'slices/groups-meters', reason: 'as the rulebook, and their counters are the rules’' },
  { name: 'slices/network', reason: 'the configuration, compiled: vswitches, placements, ways' },
  { name: 'slices/traffic', reason: 'what passes, as it was measured, in bounded memory' },
  { name: 'slices/placement', reason: 'where vswitches and hosts are placed, and what has room' },
  { name: 'translation/entries', reason: 'what one datapath holds, and how two of such differ' },
  { name: 'translation/wiring', reason: 'entries of ours around tenants’ rules' },
  {
    name: 'translation/pipeline',
    reason: 'rules as entries of several tables, and what comes back from them',
  },
  { name: 'translation/requests', reason: 'what a tenant may ask for' },
  { name: 'translation/controllers', reason: 'what a controller sees, and hears' },
  { name: 'translation/changes', reason: 'a tenant’s state, and changes of it on their way' },
  { name: 'translation', reason: 'the policy: what becomes of each message' },
  { name: 'translation/flat', reason: 'all of it with one table' },
  { name: 'translation/datapath', reason: 'what a datapath should hold, in either encoding' },
  { name: 'translation/intent', reason: 'the same, by owner' },
  { name: 'translation/trace', reason: 'a packet, followed on paper through all of it' },
  {
    name: 'translation/migration',
    reason: 'plans: of a start, a migration, a drain, another file',
  },
  { name: 'translation/stored', reason: 'values as the store has them: bytes, and texts' },
  { name: 'hypervisor/world', reason: 'clock, sockets, scheduler, log: it knows nobody' },
  { name: 'hypervisor/channel', reason: 'one OpenFlow connection, whoever is at its other end' },
  { name: 'hypervisor/store', reason: 'what is kept, and read at a start; nothing that runs' },
  { name: 'hypervisor/drivers', reason: 'programs and people that move hosts' },
  { name: 'hypervisor/datapath', reason: 'one physical switch: what it should hold, and holds' },
  { name: 'hypervisor/controller', reason: 'one tenant’s program at the end of a connection' },
  { name: 'hypervisor/tenant', reason: 'a vswitch at run time' },
  { name: 'hypervisor/migrate', reason: 'what leads vswitches elsewhere' },
  { name: 'hypervisor/networks', reason: 'virtual networks that their owners make' },
  { name: 'hypervisor/page', reason: 'what a browser runs: it asks the API, and shares no code' },
  { name: 'hypervisor/operator', reason: 'what people ask, and are told' },
  { name: 'hypervisor/api', reason: 'the same over HTTP, for whoever has a token' },
  { name: 'hypervisor', reason: 'puts the parts together' },
] as const;

/** The place of a file's room in the table; -1 when its folder is none. */
export function roomOf(path: string): number {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return rooms.findIndex(({ name }) => name === folder);
}

export function folderOf(path: string): Folder | undefined {
  return folders.find((folder) => path.startsWith(`${folder}/`));
}

/** Those of the product. */
export function oursOf(sources: Sources): Sources {
  const ours = Object.entries(sources).filter(([path]) => folderOf(path) !== undefined);
  return Object.fromEntries(ours);
}

/** By file: the product's files that it imports. */
export type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** `trees`: of the product's sources, for whoever has them. */
export function importGraph(sources: Sources, trees = parse(oursOf(sources))): ImportGraph {
  return new Map(
    [...trees].map(([path, file]) => {
      const local = importsOf(path, file).filter(({ isLocal }) => isLocal);
      return [path, new Set(local.map(({ target }) => target))];
    }),
  );
}

/** Imports from a room above, as `who -> whom`. */
export function upwardIn(graph: ImportGraph): readonly string[] {
  return [...graph].flatMap(([path, targets]) =>
    [...targets]
      .filter((target) => roomOf(target) > roomOf(path))
      .map((target) => `${path} -> ${target}`),
  );
}

/**
 * Files that import each other, be it by way of others: each circle's sorted, the largest circle
 * first (Tarjan's strongly connected components).
 */
export function circlesIn(graph: ImportGraph): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const own = order.size;
    let low = own;
    order.set(file, own);
    open.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (open.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low === own) {
      const circle = open.splice(open.indexOf(file));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return low;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles.sort((a, b) => b.length - a.length);
}
