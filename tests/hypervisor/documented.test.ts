/**
 * What README, GUIDE and TLS print to be typed is there: each command, with these options and so
 * many words; and each part of a file is one that is read.
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import t from 'tap';
import { parse } from 'yaml';
import { readAsked } from '../../hypervisor/networks/asked-network.ts';
import { program } from '../../hypervisor/program.ts';
import { readConfig } from '../../slices/config/config.ts';

const documents = ['README.md', 'docs/GUIDE.md', 'docs/TLS.md'] as const;
const textOf = (path: string): string => readFileSync(path, 'utf8');
const fence = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;

/** Alternatives that one line has, and what is optional in it. */
function typed(line: string): readonly string[] {
  const [words = ''] = line.replaceAll(/[[\]]/g, '').split(/ {2,}| #| [|>&]|\d?>| \\$/);
  const [first = '', ...others] = words.split(' / ');
  return [first, ...others.map((one) => `limevisor ${one}`)].map((one) => one.trim());
}

/** All lines that begin with `limevisor`, in blocks and in the text. */
function commandsIn(document: string): readonly string[] {
  const blocks = [...document.matchAll(fence)].flatMap(([, , block = '']) => block.split('\n'));
  const lines = blocks.map((line) => line.replace(/^ *(\$ )?(\.\/)?/, ''));
  const inText = document.replaceAll(fence, '').match(/`limevisor [^`]+`/g) ?? [];
  const all = [...lines, ...inText.map((one) => one.slice(1, -1))];
  return all.filter((one) => one.startsWith('limevisor ')).flatMap(typed);
}

/** A program whose commands do nothing, and say nothing. */
function idle(): Command {
  const top = program();
  for (const one of [top, ...top.commands, ...top.commands.flatMap(({ commands }) => commands)]) {
    one.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (one !== top) one.action(() => undefined);
  }
  return top;
}

/** Why it is none; undefined: it is one. A command by its name alone is only talked about. */
async function whyNot(command: string): Promise<string | undefined> {
  const [, ...words] = command.split(/ +/);
  let said = '';
  const top = idle();
  for (const one of [top, ...top.commands, ...top.commands.flatMap(({ commands }) => commands)]) {
    one.configureOutput({
      outputError(text) {
        said += text;
      },
    });
  }
  try {
    await top.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    const isNamed = words.length <= 2 && /missing required argument|required option/.test(said);
    return isNamed ? undefined : `${command}: ${said || String(error)}`;
  }
}

t.test('every command that is printed is one', async (t) => {
  for (const path of documents) {
    const all = [...new Set(commandsIn(textOf(path)))];
    t.ok(all.length > (path === 'docs/TLS.md' ? 0 : 30), `${all.length} in ${path}`);
    for (const command of all) t.equal(await whyNot(command), undefined, command);
  }
  for (const wrong of [
    'limevisor migrate red/v1 --at s2',
    'limevisor migrat red',
    'limevisor top 1',
  ]) {
    t.type(await whyNot(wrong), 'string', wrong);
  }
});

t.test('every option that README’s table names is one of its command', async (t) => {
  const [, table = ''] = textOf('README.md').split('limevisor check FILE [--store]');
  const rows = `limevisor check FILE [--store]${table.split('```')[0]}`.split(/^(?=limevisor )/m);
  t.ok(rows.length > 40);
  const { commands } = program();
  for (const row of rows) {
    const [, name] = /^limevisor (\w+)/.exec(row) ?? [];
    const command = commands.find((one) => one.name() === name);
    const beside = commands.filter((one) => new RegExp(`[;/|] ${one.name()} `).test(row));
    const all = [...(command === undefined ? [] : [command]), ...beside];
    const own = all.flatMap(({ options }) => options.map(({ long }) => long));
    const named = row.match(/--[a-z][a-z-]+/g) ?? [];
    for (const option of named) t.ok(own.includes(option), `${name} has ${option}`);
  }
});

/** What is no part of a file of ours, by what it begins with. */
const others: Readonly<Record<string, string>> = {
  scrape_configs: 'it is Prometheus’s',
};

/** What a part of a file names: a network that has all of it. */
const around = {
  datapaths: Object.fromEntries(
    ['s1', 's2', 's3', 's4'].map((name, i) => [name, { dpid: String(i + 1) }]),
  ),
  zones: { 'zone-a': ['s3'], 'zone-b': ['s4'] },
  drivers: { netns: 'unix:/run/openvswitch/db.sock' },
  tenants: {
    red: {
      vswitches: { v1: { dpid: '1', on: 's1' }, v2: { dpid: '2', on: 's1' } },
      hosts: { h1: { port: 'v1:1', at: 's1:1' } },
      links: ['v1:9 - v2:9'],
    },
    blue: { vswitches: { v1: { dpid: '1', on: 's2' } } },
  },
};

type Part = Readonly<Record<string, unknown>>;

/** With what is around it, one tenant's fields beside each other. */
function whole(part: Part): Part {
  const { red } = around.tenants;
  const own = (part['tenants'] as { readonly red?: object } | undefined)?.red;
  const isTenant = own !== undefined && !('vswitches' in own);
  if ('datapaths' in part) return { ...part, tenants: part['tenants'] ?? {} };
  const tenants = isTenant ? { ...around.tenants, red: { ...red, ...own } } : around.tenants;
  return { ...around, ...part, tenants };
}

t.test('every part of a file that is printed can be read', async (t) => {
  let count = 0;
  for (const path of documents) {
    for (const [, kind, block = ''] of textOf(path).matchAll(fence)) {
      if (kind !== 'yaml') continue;
      const part = parse(block, { schema: 'failsafe' }) as Part;
      const [first = ''] = Object.keys(part);
      if (first in others) continue;
      count += 1;
      if (first === 'name') {
        const { name: _, for: __, ...network } = part;
        const ours = { listen: [{ host: '0.0.0.0', port: 6653 }], api: [] };
        const terms = { quota: { counts: {}, controllers: ['any'] }, ours };
        const read = readAsked('lab@ann', network, terms);
        t.strictSame('problems' in read ? read.problems : [], [], block);
      } else {
        const read = readConfig(whole(part), [], '/etc/limevisor');
        t.strictSame('problems' in read ? read.problems : [], [], block);
      }
    }
  }
  t.ok(count > 8, `${count} parts`);
});
