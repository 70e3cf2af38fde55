/** The example's network with all its datapaths in one flat encoding. */
import type { Encoding } from '../../slices/network/snapshot.ts';
import { nothingRemembered } from '../../slices/network/snapshot.ts';
import { datapath, exampleText, snapshotOf } from '../slices/networks.ts';

export function flatSnapshot(encoding: Encoding) {
  const encodings = new Map(['s1', 's2', 's3', 's4'].map((name) => [datapath(name), encoding]));
  // What speaks 1.3 has one table when the file says so.
  const is13 = encoding === 'flat of 1.3';
  const text = exampleText().replace(
    /(s\d: \{ dpid: \d+) }/g,
    is13 ? '$1, encoding: flat }' : '$1 }',
  );
  return snapshotOf(text, { ...nothingRemembered, encodings });
}
