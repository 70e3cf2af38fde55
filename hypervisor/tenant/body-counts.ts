/**
 * Whether more packets meet the entries of a vswitch on a body than at the last look, by the
 * counters of all its entries.
 *
 * Their sum does not tell: rules that a tenant deletes, or that time out, take their packets with
 * them, and one that replaces another may begin with that one's (OF1.3.5 section 6.4). So each
 * entry is compared with itself, and those that have come with those that have gone.
 */
export class BodyCounts {
  /** By cookie. */
  #before: ReadonlyMap<bigint, bigint> | undefined;
  #now = new Map<bigint, bigint>();

  /** An entry's packets; several with one cookie are one. */
  add(cookie: bigint, packets: bigint): void {
    this.#now.set(cookie, (this.#now.get(cookie) ?? 0n) + packets);
  }

  /** All have been added: whether any packet came since the last look. At first, nobody knows. */
  grew(): boolean {
    const [before, now] = [this.#before, this.#now];
    this.#before = now;
    this.#now = new Map();
    if (before === undefined) return true;
    let fresh = 0n;
    for (const [cookie, packets] of now) {
      const known = before.get(cookie);
      if (known === undefined) fresh += packets;
      else if (packets > known) return true;
    }
    let gone = 0n;
    for (const [cookie, packets] of before) if (!now.has(cookie)) gone += packets;
    return fresh > gone;
  }

  /** The look was not whole. */
  drop(): void {
    this.#now = new Map();
  }
}
