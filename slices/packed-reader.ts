/**
 * Unpacks values (packed-format.ts) that this process has packed, and no others.
 */
import {
  BIG,
  CONSTANT,
  type Constants,
  FALSE,
  KNOWN_TEXT,
  LARGE,
  LONG_BIG,
  LONG_BYTES,
  LONG_LIST,
  LONG_TEXT,
  NULL,
  OTHER,
  OTHER_RECORD,
  ROOM,
  shapes,
  TRUE,
  tags,
  texts,
  UNDEFINED,
} from './packed-format.ts';

export class Unpacker {
  readonly #constants: Constants;
  #text = '';
  at = 0;

  constructor(constants: Constants = []) {
    this.#constants = constants;
  }

  begin(text: string, at = 0): void {
    this.#text = text;
    this.at = at;
  }

  size(): number {
    const text = this.#text;
    const { at } = this;
    this.at += 3;
    return (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2);
  }

  take(): unknown {
    const text = this.#text;
    const tag = text.charCodeAt(this.at++);
    if (tag < tags.bytes) return tag;
    if (tag >= tags.medium) return ((tag - tags.medium) << 8) | text.charCodeAt(this.at++);
    if (tag >= tags.list || tag === LONG_LIST) {
      // What is made with its length has no room to grow.
      const list = new Array<unknown>(tag >= tags.list ? tag - tags.list : this.#word());
      for (let i = 0; i < list.length; i++) list[i] = this.take();
      return list;
    }
    if (tag >= tags.record || tag === OTHER_RECORD) {
      const record: Record<string, unknown> = {};
      const shape = shapes[tag >= tags.record ? tag - tags.record : this.#word()];
      for (const name of shape?.names ?? []) {
        const byte = text.charCodeAt(this.at);
        // Most of what there is.
        const isHere = byte < tags.bytes || (byte >= tags.text && byte < tags.record);
        if (!isHere) record[name] = this.take();
        else {
          this.at += 1;
          record[name] = byte < tags.bytes ? byte : texts[byte - tags.text];
        }
      }
      return record;
    }
    if (tag >= tags.text) return texts[tag - tags.text];
    if (tag < tags.bytes + ROOM.bytes) return this.#bytes(tag - tags.bytes);
    return tag === LARGE ? this.#word() : this.#special(tag);
  }

  #special(tag: number): unknown {
    switch (tag) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case TRUE:
        return true;
      case FALSE:
        return false;
      case OTHER:
        return Number(this.#chars());
      case BIG:
        return (BigInt(this.#word()) << 32n) | BigInt(this.#word());
      case LONG_BIG:
        return BigInt(this.#chars());
      case LONG_BYTES:
        return this.#bytes(this.#word());
      case LONG_TEXT:
        return this.#chars();
      case KNOWN_TEXT:
        return texts[this.#word()];
      case CONSTANT:
        return this.#constants[this.#text.charCodeAt(this.at++)];
      default:
        throw new Error(`nothing is packed with 0x${tag.toString(16)}`);
    }
  }

  #bytes(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = this.#text.charCodeAt(this.at + i);
    this.at += size;
    return bytes;
  }

  #word(): number {
    const text = this.#text;
    const { at } = this;
    this.at += 4;
    const high = (text.charCodeAt(at) << 8) | text.charCodeAt(at + 1);
    return high * 0x1_0000 + ((text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3));
  }

  #chars(): string {
    const length = this.#word();
    let text = '';
    for (let i = 0; i < length; i++) {
      const [high, low] = [this.#text.charCodeAt(this.at++), this.#text.charCodeAt(this.at++)];
      text += String.fromCharCode((high << 8) | low);
    }
    return text;
  }
}
