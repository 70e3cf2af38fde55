/**
 * The format of the log on the disk, as it is written now: version 2.
 *
 *   'limevisor log 2\n', salt of 64 bits, checksum, 0     then for each commit:
 *   mark, size, checksum of the payload, checksum of this head and its place; the payload
 *
 * The salt is a secret of the file: half of it is in one checksum, half in the other, so no tenant
 * can put bytes into a rule that look like a commit. A head by itself says whether it is one: what
 * stands behind a torn commit is looked through once, whatever is in it.
 *
 * Version 1 is log-format-1.ts. A version that was ever in use is read for ever.
 */
import { crc32 } from 'node:zlib';
import { layout, u32 } from '../../openflow/layout/layout.ts';
import type { LogSlot } from '../world/world.ts';
import type { DiskFile } from './disk.ts';
import { FileWindow } from './file-window.ts';

const MAGIC = 'limevisor log ';
const VERSION = 2;
const MAGIC_BYTES = 16;
const MARK = 0x4c696d65;
const markBytes = Uint8Array.of(0x4c, 0x69, 0x6d, 0x65);

/** The least that a page of memory has. */
const PAGE_BYTES = 4096;
export const HEAD_BYTES = MAGIC_BYTES + 16;
const SUM_AT = MAGIC_BYTES + 8;
export const commitHead = layout('Commit', { mark: u32, size: u32, checksum: u32, head: u32 });

/** What only this file's commits are made with. */
export interface Salt {
  readonly payload: number;
  readonly head: number;
}

/**
 * Whether the head of a commit is in one page of memory: then a write of it is there as a whole or
 * not at all, also when the process is killed meanwhile.
 */
export function isInOnePage(at: number): boolean {
  return at % PAGE_BYTES <= PAGE_BYTES - commitHead.size;
}

/** What a new file begins with. */
export function headOf({ payload, head }: Salt): Uint8Array {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes.write(`${MAGIC}${VERSION}\n`, 'latin1');
  bytes.writeUInt32BE(payload, MAGIC_BYTES);
  bytes.writeUInt32BE(head, MAGIC_BYTES + 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, SUM_AT)), SUM_AT);
  return bytes;
}

/** The format that a file has: `none` when it was never begun, undefined when it is no store. */
export function versionOf(file: DiskFile): number | 'none' | undefined {
  const bytes = new Uint8Array(MAGIC_BYTES);
  const text = Buffer.from(bytes.buffer, 0, file.read(bytes, 0)).toString('latin1');
  // Of a file that was being made when the process died only a part may be there.
  if (file.size() < MAGIC_BYTES) return `${MAGIC}1\n`.startsWith(text) ? 'none' : undefined;
  const found = /^limevisor log (\d)\n$/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

export function saltOf(file: DiskFile): Salt {
  const bytes = Buffer.alloc(HEAD_BYTES);
  const isWhole = file.read(bytes, 0) === HEAD_BYTES && bytes.readUInt32BE(SUM_AT + 4) === 0;
  // With another salt no commit would be one, and all of them would be cut off.
  if (!isWhole || crc32(bytes.subarray(0, SUM_AT)) !== bytes.readUInt32BE(SUM_AT)) {
    throw new Error('it is damaged at its beginning');
  }
  return { payload: bytes.readUInt32BE(MAGIC_BYTES), head: bytes.readUInt32BE(MAGIC_BYTES + 4) };
}

/** Writes the head of the commit that `bytes` holds, which goes to `at`. */
export function seal(bytes: Uint8Array, dv: DataView, salt: Salt, at: number): void {
  const size = bytes.length - commitHead.size;
  const checksum = crc32(bytes.subarray(commitHead.size), (salt.payload ^ size) >>> 0);
  commitHead.write(dv, 0, { mark: MARK, size, checksum, head: 0 });
  commitHead.set.head(dv, 0, headSum(bytes, salt, at));
}

/** Of a head's first three words, in this place of this file. */
function headSum(head: Uint8Array, salt: Salt, at: number): number {
  placeView.setBigUint64(0, BigInt(at));
  return crc32(head.subarray(0, 12), crc32(place, salt.head));
}

const place = new Uint8Array(8);
const placeView = new DataView(place.buffer);

/** The size of the payload whose commit has its head at `at`; undefined when there is no head. */
function sizeAt(window: FileWindow, at: number, salt: Salt): number | undefined {
  const bytes = window.view(at, commitHead.size);
  if (bytes.length < commitHead.size) return undefined;
  const dv = new DataView(bytes.buffer, bytes.byteOffset);
  const { mark, size, head } = commitHead.read(dv, 0);
  const isHead = mark === MARK && size > 0 && headSum(bytes, salt, at) === head;
  return isHead ? size : undefined;
}

/** The payload of the commit at `at`, until the next is read; undefined without a whole one. */
function payloadAt(window: FileWindow, at: number, end: number, salt: Salt) {
  const size = sizeAt(window, at, salt);
  if (size === undefined || at + commitHead.size + size > end) return undefined;
  const commit = window.view(at, commitHead.size + size);
  const dv = new DataView(commit.buffer, commit.byteOffset);
  const checksum = commitHead.get.checksum(dv, 0);
  const payload = commit.subarray(commitHead.size);
  if (payload.length < size) return undefined;
  return crc32(payload, (salt.payload ^ size) >>> 0) === checksum ? payload : undefined;
}

/** Where the whole commits end. Throws when others follow behind that: what is there is damaged. */
export function endOfCommits(file: DiskFile, salt: Salt): number {
  const window = new FileWindow(file);
  const size = file.size();
  let end = HEAD_BYTES;
  for (;;) {
    const payload = payloadAt(window, end, size, salt);
    if (payload === undefined) break;
    end += commitHead.size + payload.length;
  }
  if (hasCommitBehind(window, end, size, salt)) throw new Error(`it is damaged at byte ${end}`);
  return end;
}

/** Whether this is not the end that a crash has torn. */
function hasCommitBehind(window: FileWindow, end: number, size: number, salt: Salt): boolean {
  for (let at = end + 1; at < size; ) {
    const part = window.view(at, Math.min(64 * 1024, size - at));
    const found = Buffer.from(part.buffer, part.byteOffset, part.length).indexOf(markBytes);
    if (found < 0) at += Math.max(1, part.length - markBytes.length + 1);
    else {
      if (payloadAt(window, at + found, size, salt) !== undefined) return true;
      at += found + 1;
    }
  }
  return false;
}

/**
 * What the commits up to `end` hold, each with where it is; until the next is asked for. Where
 * somebody else writes the file the last of them may have grown: up to `size`.
 */
export function* payloadsIn(
  file: DiskFile,
  end: number,
  salt: Salt,
  size = end,
): Iterable<LogSlot> {
  const window = new FileWindow(file);
  for (let at = HEAD_BYTES; at < end; ) {
    const bytes = payloadAt(window, at, size, salt);
    if (bytes === undefined) throw new Error(`the store is damaged at byte ${at}`);
    yield { at: at + commitHead.size, bytes };
    at += commitHead.size + bytes.length;
  }
}
