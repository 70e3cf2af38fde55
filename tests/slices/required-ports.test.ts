/**
 * What a vport needs is what its packets really cross, from where the vswitch processes them.
 */

import t from 'tap';
import { requiredPortsOf } from '../../slices/network/required-ports.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { clonedOn, exampleText, snapshotOf, vport, vswitchOf } from './networks.ts';

const before = snapshotOf(exampleText());

function needs(snapshot: Snapshot, name: string, port: number): string {
  const ends = requiredPortsOf(snapshot, vswitchOf(snapshot, name), vport(port));
  return [...new Set(ends.map((end) => `${end.device}:${end.port}`))].sort().join(' ');
}

t.test('a host at its vswitch needs its own port; a virtual link needs its path', async (t) => {
  t.equal(needs(before, 'red/v1', 1), 's1:1');
  t.equal(needs(before, 'red/v1', 2), 's1:3 s3:1');
  t.equal(needs(before, 'red/v3', 1), 's1:3 s3:1', 'the same at both ends');
});

t.test('far from its vswitch, a host needs the way there too', async (t) => {
  const moved = clonedOn(before, 'red/v1', ['s3']);
  t.equal(needs(moved, 'red/v1', 1), 's1:1 s1:3 s3:1');
  t.equal(needs(moved, 'red/v1', 2), '', 'both ends on s3: nothing in between');
});

t.test('a clone counts from its first vport on', async (t) => {
  const cloned = clonedOn(before, 'red/v3', ['s3', 's4']);
  t.equal(needs(cloned, 'red/v3', 1), 's1:3 s3:1', 'nothing is processed on s4 yet');
  const half = clonedOn(before, 'red/v3', ['s3', 's4'], { 1: 's4' });
  t.equal(needs(half, 'red/v3', 1), 's1:3 s1:4 s3:1 s4:1', 'out from both, in to s4');
  const moved = clonedOn(before, 'red/v3', ['s3', 's4'], { 1: 's4', 2: 's4' });
  t.equal(needs(moved, 'red/v3', 1), 's1:4 s4:1');
});
