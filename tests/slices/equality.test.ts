/** Values that say the same, whatever they are made of. */
import t from 'tap';
import { isSameValue } from '../../slices/equality.ts';

const bytes = (...all: number[]) => Uint8Array.from(all);

t.test('the same', async (t) => {
  const pairs: [unknown, unknown][] = [
    [1n, 1n],
    [
      [1, 'a'],
      [1, 'a'],
    ],
    [bytes(1, 2), bytes(1, 2)],
    [
      { a: 1, b: [{}.constructor.name] },
      { b: ['Object'], a: 1 },
    ],
    [new Map([[1, { a: bytes(3) }]]), new Map([[1, { a: bytes(3) }]])],
    [new Set(['x', 'y']), new Set(['y', 'x'])],
    [{ a: undefined }, { a: undefined }],
  ];
  for (const [one, other] of pairs) t.ok(isSameValue(one, other));
});

t.test('not the same', async (t) => {
  const pairs: [unknown, unknown][] = [
    [1, 1n],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], bytes(1)],
    [bytes(1), bytes(1, 2)],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: undefined }, { b: undefined }],
    [new Map([[1, 2]]), new Map([[1, 3]])],
    [new Map([[1, undefined]]), new Map([[2, undefined]])],
    [new Set([1]), new Map([[1, 1]])],
    [null, {}],
  ];
  for (const [one, other] of pairs) {
    t.notOk(isSameValue(one, other));
    t.notOk(isSameValue(other, one));
  }
});
