/**
 * A file with everything that docs/GUIDE.md tells of, made wrong in some way by chance: whatever it
 * is refused for is said in a few lines, with its place, its line, and what to do.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isMap, isPair, isScalar, type Pair, parseDocument, type Scalar, visit } from 'yaml';
import { readFile } from '../../hypervisor/operator/file.ts';
import {
  type FileProblem,
  fileProblemText,
  firstProblems,
} from '../../hypervisor/operator/file-places.ts';
import { Random } from '../openflow/random.ts';
import { shortDir } from './running.ts';

const good = readFileSync(join(import.meta.dirname, 'everything.yaml'), 'utf8');

/** What people write in the wrong place, and what nobody would. */
const values = [
  ...['', '~', '-1', '0', '1.5', 'yes', '99999999999999999999', '[]', '{}', '[a]', '{ a: b }'],
  ...['s77', 'red/v1', '"a b"', 'ü', 'x'.repeat(300), '[[1]]', '5 m', '65280', 'tcp:1.2.3.4'],
  ...["''", '"s1:3 - s2:3"', '[1, 1]', '"\\u001b[31m"'],
];
const characters = [...':-\t{}[]"\'&*\n #%|'];

/** One thing is another, is missing, is there twice, or has a letter too many. */
function mistaken(random: Random): string {
  if (random.number(4) === 0) {
    const at = random.number(good.length);
    return `${good.slice(0, at)}${random.pick(characters)}${good.slice(at)}`;
  }
  const document = parseDocument(good);
  const nodes: (Pair | Scalar)[] = [];
  visit(document, {
    Pair: (_, pair) => void nodes.push(pair),
    Scalar: (_, scalar) => void nodes.push(scalar),
  });
  const node = random.pick(nodes);
  const value = random.pick(values);
  if (isScalar(node)) {
    const text = String(node.value);
    const at = random.number(text.length + 1);
    const isCut = random.number(2) === 0;
    node.value = isCut ? text.slice(0, at) : `${text.slice(0, at)}x${text.slice(at)}`;
  } else if (random.number(2) === 0) {
    node.value = parseDocument(value).contents;
  } else {
    visit(document, {
      Map(_, map) {
        const i = map.items.indexOf(node as never);
        if (i < 0) return undefined;
        if (random.number(2) === 0) map.items.splice(i, 1);
        else map.items.push(node as never);
        return visit.BREAK;
      },
    });
  }
  return document.toString({ lineWidth: 0 });
}

/** A word that says what would be right, or which of those that are there goes. */
const nextStep = /; |must be |did you mean |known: |needed|fits/;

function problemsOf(dir: string, text: string): readonly FileProblem[] {
  const file = join(dir, 'wrong.yaml');
  writeFileSync(file, text);
  const read = readFile(file);
  return 'problems' in read ? read.problems : [];
}

t.test('the file is right', async (t) => {
  t.strictSame(problemsOf(shortDir(t), good).map(fileProblemText), []);
  t.ok(isMap(parseDocument(good).contents) && !isPair(parseDocument(good).contents));
});

t.test('whatever is wrong is said so that it can be mended', async (t) => {
  const dir = shortDir(t);
  const random = new Random(Number(process.env['SEED'] ?? 15));
  const count = Number(process.env['RUNS'] ?? 100);
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const text = mistaken(random);
    const problems = problemsOf(dir, text);
    if (problems.length > 0) refused += 1;
    const lines = text.split('\n');
    for (const { path, why, line, text: shown = '?' } of problems) {
      const what = `${path}: ${why}`;
      const inLine = shown.replaceAll(/^[.]{3} | [.]{3}$/g, '');
      if (line === undefined) t.match(path, /^\(top\)$|wrong.yaml$/, `has no line: ${what}`);
      else t.ok(lines[line - 1]?.includes(inLine), `line ${line}: ${inLine}: ${what}`);
      t.ok(why.length <= 450, `${why.length} characters: ${what}`);
      t.match(why, nextStep, `what to do: ${what}`);
    }
    t.ok(firstProblems(problems).join('\n').split('\n').length <= 41, 'no more than a screen');
  }
  t.ok(refused > count / 2, `${refused} of ${count} are refused`);
});
