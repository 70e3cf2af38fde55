/**
 * What redundancy elimination could save of rules that are copied (LIME, section 6, has it in mind
 * for the memory of related VMs): `node tests/bench/redundancy.ts`.
 *
 * Vswitches of one tenant have an access list in common, and each some rules of its own. They are
 * cloned to another datapath, one after the other, and all that this one is sent is kept. Two
 * compressors stand for redundancy elimination: deflate looks back 32 KiB, brotli 16 MiB, which is
 * all that was sent. Nobody at the other end of the control channel would undo it: a switch takes
 * flow-mods only.
 *
 *   rules        of all vswitches
 *   sent, kB     to the datapath, from the first migration's begin to the last one's end
 *   deflate      what that takes, of what was sent
 *   brotli       the same
 *   each alone   by brotli, of each clone by itself: what the relation does not save
 */
import zlib from 'node:zlib';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import type { Message } from '../../openflow/values/values.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { datapath } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';

const VSWITCHES = 3;
const RUN_MS = 60_000;

const text = `
datapaths: { s1: { dpid: 1, ack: barrier }, s2: { dpid: 2, ack: barrier } }
links: [s1:9 - s2:9]
tenants:
  red:
    controllers: ['tcp:127.0.0.1:7001']
    vswitches: { ${each((i) => `v${i}: { dpid: ${i + 1}, on: s1 }`)} }
    hosts: { ${each((i) => `h${i}: { port: v${i}:1, at: s1:${i + 1} }`)} }
`;

function each(line: (i: number) => string): string {
  return Array.from({ length: VSWITCHES }, (_, i) => line(i)).join(', ');
}

/** A line of the access list: what comes from a network to a service is dropped. */
function listed(i: number): Message {
  const network = 0x0a00_0000 + (i >> 4) * 256;
  const match = matchOf(
    ...[oxm('eth_type', 0x0800), oxm('ip_proto', 6)],
    ...[oxm('ipv4_src', network, 0xffff_ff00), oxm('tcp_dst', 1 + (i % 16) * 8)],
  );
  return flowMod({ match, priority: 100, instructions: [] });
}

/** Where one of its own hosts is. */
function own(vswitch: number, i: number): Message {
  const match = matchOf(oxm('eth_dst', 0x0200_0000_0000 + vswitch * 0x1_0000 + i));
  return flowMod({ match, priority: 10, instructions: outputs(1) });
}

/** What the datapath is sent, clone by clone. */
function cloned(common: number, ofEach: number): readonly Uint8Array[] {
  const net = FakeNetwork.started(text);
  const controllers = net.world.dialled.map(({ peer }) => peer);
  for (const [v, controller] of controllers.entries()) {
    for (let i = 0; i < common; i += 1) controller.says(listed(i));
    for (let i = 0; i < ofEach; i += 1) controller.says(own(v, i));
  }
  net.run(2_000);
  const { peer } = net.switch('s2');
  const write = peer.write.bind(peer);
  let chunks: Uint8Array[] = [];
  peer.write = (bytes, free) => {
    chunks.push(Uint8Array.from(bytes));
    write(bytes, free);
  };
  return net.hypervisor.runtimes().map(({ vswitch }) => {
    chunks = [];
    net.hypervisor.executor.start(vswitch, datapath('s1'), datapath('s2'), 'lime');
    net.run(RUN_MS);
    const { state } = net.hypervisor.executor.all().at(-1) ?? {};
    if (state?.type !== 'done') throw new Error(`${vswitch.name} is ${state?.type}`);
    return Buffer.concat(chunks);
  });
}

const LARGEST_WINDOW = { [zlib.constants.BROTLI_PARAM_LGWIN]: 24 };
const QUALITY = { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 };

function brotli(bytes: Uint8Array): number {
  return zlib.brotliCompressSync(bytes, { params: { ...LARGEST_WINDOW, ...QUALITY } }).length;
}

const row = (...cells: readonly string[]): void =>
  console.log(cells.map((cell) => cell.padStart(11)).join(' '));

row('in common', 'of its own', 'rules', 'sent, kB', 'deflate', 'brotli', 'each alone');
for (const [common, ofEach] of [
  [1_000, 100],
  [1_000, 1_000],
  [100, 1_000],
] as const) {
  const parts = cloned(common, ofEach);
  const all = Buffer.concat(parts);
  const share = (bytes: number): string => `${((100 * bytes) / all.length).toFixed(0)} %`;
  row(
    ...[String(common), String(ofEach), String(VSWITCHES * (common + ofEach))],
    (all.length / 1_000).toFixed(0),
    share(zlib.deflateRawSync(all, { level: 9 }).length),
    share(brotli(all)),
    share(parts.reduce((sum, one) => sum + brotli(one), 0)),
  );
}
