/**
 * A bad configuration says everything that is wrong with it, each with its place and its remedy.
 */

import t from 'tap';
import { readConfig } from '../../slices/config/config.ts';
import { exampleText, problemsOf, treeOf } from './networks.ts';

/** A good file with two datapaths; each case adds to it, or changes a line of it. */
const good = `
datapaths:
  s1: { dpid: 1 }
  s2: { dpid: 2 }
links:
  - s1:9 - s2:9
tenants:
  red:
    controllers: [tcp:192.0.2.1:6653]
    vswitches:
      v1: { dpid: 1, on: s1 }
      v2: { dpid: 2, on: s2 }
    hosts:
      h1: { port: v1:1, at: s1:1 }
    links:
      - v1:2 - v2:2
`;

interface Case {
  readonly change: readonly [from: string, to: string];
  readonly problems: readonly string[];
}

const noDatapath = 'names the datapath "s9", which is not in "datapaths"; known: s1, s2';

/** What is written instead of a good line, and the whole list of problems, as `path: why`. */
const cases: readonly Case[] = [
  {
    change: ['s2: { dpid: 2 }', 's2: { dpid: 0000000000000001 }'],
    problems: ['datapaths.s2: has the same dpid as s1; every datapath needs one of its own'],
  },
  {
    change: ['s2: { dpid: 2 }', 's2: { dpid: xyz }'],
    problems: [
      'datapaths.s2.dpid: "xyz" is not a dpid; ' +
        'write sixteen hex digits, with colons or without, 0x and up to sixteen, or a decimal ' +
        'number of at most 2^64 - 1 (sixteen digits are hexadecimal)',
    ],
  },
  {
    change: ['v2: { dpid: 2, on: s2 }', 'v2: { dpid: 0x1, on: s2 }'],
    problems: ["tenants.red.vswitches.v2: has the same dpid as this tenant's v1; choose another"],
  },
  {
    change: ['on: s1', 'on: s9'],
    problems: [`tenants.red.vswitches.v1.on: ${noDatapath}`],
  },
  {
    change: ['at: s1:1', 'at: s9:1'],
    problems: [`tenants.red.hosts.h1.at: ${noDatapath}`],
  },
  {
    change: ['s1:9 - s2:9', 's1:9 - s1:9'],
    problems: ['links[0]: joins a port to itself; a link needs two ports'],
  },
  {
    change: ['s1:9 - s2:9', 's1:9 <-> s2:9'],
    problems: ['links[0]: "s1:9 <-> s2:9" is not a link; write it as "NAME:PORT - NAME:PORT"'],
  },
  {
    change: ['s1:9 - s2:9', 's1:0 - s2:4294967040'],
    problems: [
      'links[0]: "s1:0" is not a port of a datapath; ' +
        'write DATAPATH:NUMBER with 1 to 65279, such as s1:3',
      'links[0]: "s2:4294967040" is not a port of a datapath; ' +
        'write DATAPATH:NUMBER with 1 to 65279, such as s1:3',
    ],
  },
  {
    change: ['v1:2 - v2:2', 'v1:2 - v1:2'],
    problems: ['tenants.red.links[0]: joins a vport to itself; a virtual link needs two'],
  },
  {
    change: ['v1:2 - v2:2', 'v1:2 - v2:65280'],
    problems: [
      'tenants.red.links[0]: "v2:65280" is not a port of a vswitch; ' +
        'write VSWITCH:NUMBER with 1 to 65279',
    ],
  },
  {
    change: ['tcp:192.0.2.1:6653', 'tcp:192.0.2.1:0, ssl:192.0.2.1, "[::1:6653"'],
    problems: [
      'tenants.red.controllers[0]: "0" is not a TCP port; use 1 to 65535',
      'tenants.red.controllers[1]: "ssl:192.0.2.1" needs TLS keys; ' +
        'add "tls: { key, certificate, ca }" here or at the top',
      'tenants.red.controllers[2]: "[::1:6653" is not an address; write tcp:HOST:PORT',
    ],
  },
  {
    change: ['s1: { dpid: 1 }', 's1: { dpid: 1, ack: settle }'],
    problems: [
      'datapaths.s1.ack: "settle" is not a settle time; ' + 'use ms: settle 60ms (at most 60000ms)',
    ],
  },
  {
    change: ['datapaths:', 'listen: 6653\ndatapaths:'],
    problems: ['listen: "6653" is not an address of this kind; write ptcp:PORT or ptcp:PORT:HOST'],
  },
  {
    change: ['datapaths:', 'listen: [tcp:6653]\ndatapaths:'],
    problems: [
      'listen[0]: "tcp:6653" is not an address of this kind; write ptcp:PORT or ptcp:PORT:HOST',
    ],
  },
  {
    change: ['  red:', '  "r/d":'],
    problems: [
      'tenants.r/d: "r/d" is not a name; use letters, digits, "-", "_" and ".", at most 44',
    ],
  },
];

for (const { change, problems } of cases) {
  t.test(`${change[0]} => ${change[1]}`, async (t) => {
    t.ok(good.includes(change[0]), 'the line to change is there');
    const found = problemsOf(good.replace(change[0], change[1]));
    t.strictSame(
      found.map(({ path, why }) => `${path}: ${why}`),
      problems,
    );
  });
}

t.test('the good file and the example have no problems', async (t) => {
  t.strictSame(problemsOf(good), []);
  t.strictSame(problemsOf(exampleText()), []);
});

t.test('two tenants may have the same dpids, names and port numbers', async (t) => {
  const blue = good.slice(good.indexOf('  red:')).replace('red', 'blue').replace('s1:1', 's1:2');
  t.strictSame(problemsOf(good + blue), []);
});

t.test('what is no tree of a configuration at all is a problem, not an exception', async (t) => {
  for (const tree of [null, '', 'text', [], {}, { datapaths: null, tenants: [] }]) {
    t.ok('problems' in readConfig(tree, []), JSON.stringify(tree));
  }
  const names = ['datapaths', 'tenants', 'links', 'listen', 'control'];
  for (const name of names) {
    for (const junk of ['x', ['x'], { x: 'x' }, { x: ['x'] }, [['x']], { x: { y: { z: 'x' } } }]) {
      const read = readConfig({ ...(treeOf(good) as object), [name]: junk }, []);
      const fits = (name === 'control' && junk === 'x') || 'problems' in read;
      t.ok(fits, `${name}: ${JSON.stringify(junk)}`);
    }
  }
});

const moreCases: Readonly<Record<string, readonly [from: string, to: string, problems: string[]]>> =
  {
    'a controller twice': [
      'tcp:192.0.2.1:6653',
      'tcp:192.0.2.1:6653, 192.0.2.1',
      [
        'tenants.red.controllers[1]: repeats tcp:192.0.2.1:6653; ' +
          'remove it: a controller drops a switch that connects twice',
      ],
    ],
    'a port that Open vSwitch and OpenFlow 1.0 do not have': [
      's1:9 - s2:9',
      's1:65280 - s2:65279',
      [
        'links[0]: "s1:65280" is not a port of a datapath; ' +
          'write DATAPATH:NUMBER with 1 to 65279, such as s1:3',
      ],
    ],
    'the same of a host': [
      'at: s1:1',
      'at: s1:70000',
      [
        'tenants.red.hosts.h1.at: "s1:70000" is not a port of a datapath; ' +
          'write DATAPATH:NUMBER with 1 to 65279, such as s1:3',
      ],
    ],
    'a dpid that could be two': [
      's2: { dpid: 2 }',
      's2: { dpid: 000000000010 }',
      [
        'datapaths.s2.dpid: "000000000010" could be hexadecimal or decimal; ' +
          'write 0000000000000010 or 0xa',
      ],
    ],
    'no address for switches': [
      'datapaths:',
      'listen: []\ndatapaths:',
      ['listen: is an empty list; write [ptcp:6653], or leave it out'],
    ],
    'an address for switches twice': [
      'datapaths:',
      'listen: [ptcp:6653, "ptcp:6653:127.0.0.1"]\ndatapaths:',
      ['listen[1]: is ptcp:6653:127.0.0.1, which already serves switches; choose another port'],
    ],
    'a controller that is the socket of commands': [
      'tenants:\n  red:\n    controllers: [',
      'control: /run/x.sock\ntenants:\n  red:\n    controllers: [unix:/run/x.sock, ',
      ["tenants.red.controllers[0]: is Limevisor's own address; name the tenant's controller"],
    ],
    'a controller that is where a vswitch listens': [
      'v2: { dpid: 2, on: s2 }',
      'v2: { dpid: 2, on: s2, listen: ["ptcp:6701"], controllers: ["localhost:6701"] }',
      [
        'tenants.red.vswitches.v2.controllers[0]: ' +
          "is Limevisor's own address; name the tenant's controller",
      ],
    ],
    'a socket for commands and for controllers': [
      'v2: { dpid: 2, on: s2 }',
      'v2: { dpid: 2, on: s2, listen: ["punix:/run/limevisor.sock"] }',
      [
        'tenants.red.vswitches.v2.listen[0]: ' +
          'is punix:/run/limevisor.sock, which already serves commands; choose another port',
      ],
    ],
    'a socket that no file system has': [
      'datapaths:',
      `control: /${'x'.repeat(107)}\ndatapaths:`,
      [`control: "/${'x'.repeat(107)}" is too long for a socket path: 108 bytes, at most 107`],
    ],
    'a version that every object has': [
      '    hosts:',
      '    openflow: [constructor]\n    hosts:',
      [
        'tenants.red.openflow[0]: "constructor" is not a supported OpenFlow version; ' +
          'write 1.0 or 1.3',
      ],
    ],
    'a host whose name is none': [
      'h1: {',
      '"h 1": {',
      [
        'tenants.red.hosts.h 1: "h 1" is not a name; ' +
          'use letters, digits, "-", "_" and ".", at most 44',
      ],
    ],
    'a host that is nothing': [
      '{ port: v1:1, at: s1:1 }',
      '',
      ['tenants.red.hosts.h1: must be a map, not nothing'],
    ],
    'a text as long as a book': [
      '{ port: v1:1, at: s1:1 }',
      `{ port: v1:1, at: ${'s'.repeat(5_000)} }`,
      ['tenants.red.hosts.h1.at: must be a word or a number, not a text of 5000 characters'],
    ],
  };

for (const [name, [from, to, problems]] of Object.entries(moreCases)) {
  t.test(name, async (t) => {
    t.ok(good.includes(from), 'the line to change is there');
    const found = problemsOf(good.replace(from, to), ['192.0.2.9']);
    t.strictSame(
      found.map(({ path, why }) => `${path}: ${why}`),
      problems,
    );
  });
}
