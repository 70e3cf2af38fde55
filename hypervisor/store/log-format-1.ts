/**
 * The first format of a log, which is only read: a store in that format is written anew when it is
 * opened (store.ts). This file does not change any more, whatever the rest does.
 *
 *   'limevisor log 1\n', salt     then for each commit:   mark, size, checksum, payload
 *
 * Heads have no checksum of their own, so anything that looks like one has to be checked against
 * as many bytes as it says. What checksums all parts of the rest have is worked out once
 * (crc-ranges.ts): a tenant may have chosen what is there.
 */
import { crc32 } from 'node:zlib';
import type { LogSlot } from '../world/world.ts';
import { CrcRanges } from './crc-ranges.ts';
import type { DiskFile } from './disk.ts';
import { FileWindow } from './file-window.ts';

const FILE_HEAD_BYTES = 20;
const COMMIT_HEAD_BYTES = 12;
const mark = Uint8Array.of(0x4c, 0x69, 0x6d, 0x65);

interface Head {
  readonly size: number;
  readonly checksum: number;
}

/** What the whole commits hold, in order; each stands until the next. Throws when it is damaged. */
export function* payloadsOfVersion1(file: DiskFile): Iterable<LogSlot> {
  const window = new FileWindow(file);
  const size = file.size();
  const salt = uint32At(window.view(0, FILE_HEAD_BYTES), 16);
  let at = FILE_HEAD_BYTES;
  for (;;) {
    const head = headIn(window.view(at, COMMIT_HEAD_BYTES), 0);
    if (head === undefined || at + COMMIT_HEAD_BYTES + head.size > size) break;
    const payload = window.view(at, COMMIT_HEAD_BYTES + head.size).subarray(COMMIT_HEAD_BYTES);
    if (crc32(payload, (salt ^ head.size) >>> 0) !== head.checksum) break;
    yield { at: at + COMMIT_HEAD_BYTES, bytes: payload };
    at += COMMIT_HEAD_BYTES + head.size;
  }
  const rest = window.view(at, size - at);
  // With another salt no commit would be one; but what another follows was durable.
  const first = at === FILE_HEAD_BYTES ? headIn(rest, 0) : undefined;
  const isFollowed = first && headIn(rest, COMMIT_HEAD_BYTES + first.size) !== undefined;
  if (isFollowed || hasCommit(rest, salt)) throw new Error(`it is damaged at byte ${at}`);
}

function hasCommit(rest: Uint8Array, salt: number): boolean {
  const ranges = new CrcRanges(rest);
  const bytes = Buffer.from(rest.buffer, rest.byteOffset, rest.length);
  for (let at = bytes.indexOf(mark, 1); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    const head = headIn(rest, at);
    const from = at + COMMIT_HEAD_BYTES;
    if (head === undefined || from + head.size > rest.length) continue;
    const checksum = ranges.crc(from, from + head.size, (salt ^ head.size) >>> 0);
    if (checksum === head.checksum) return true;
  }
  return false;
}

function headIn(bytes: Uint8Array, at: number): Head | undefined {
  if (at + COMMIT_HEAD_BYTES > bytes.length) return undefined;
  for (const [i, byte] of mark.entries()) if (bytes[at + i] !== byte) return undefined;
  const size = uint32At(bytes, at + 4);
  return size === 0 ? undefined : { size, checksum: uint32At(bytes, at + 8) };
}

function uint32At(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) throw new Error('it is damaged at its beginning');
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}
