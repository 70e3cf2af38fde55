/**
 * Hosts' traffic by tenant, as columns on one axis of time.
 */
export interface TrafficDocument {
  readonly pairs: readonly {
    readonly tenant: string;
    readonly from: string;
    readonly to: string;
    readonly points?: readonly { readonly agoMs: number; readonly mean: number }[];
  }[];
}

const SLOT_MS = 5_000;

/** Seconds since 1970, then for each tenant Mbit/s; null where nothing was measured. */
export function alignedOf(
  { pairs }: TrafficDocument,
  tenants: readonly string[],
  nowMs: number,
): readonly (readonly (number | null)[])[] {
  const sums = new Map(tenants.map((tenant) => [tenant, new Map<number, number>()]));
  for (const { tenant, from, to, points = [] } of pairs) {
    // What vswitches send was sent by hosts before; each is counted where it begins.
    if (!isHost(from, to)) continue;
    const own = sums.get(tenant);
    for (const { agoMs, mean } of points) {
      const slot = Math.round((nowMs - agoMs) / SLOT_MS) * SLOT_MS;
      own?.set(slot, (own.get(slot) ?? 0) + (mean * 8) / 1e6);
    }
  }
  const slots = [...new Set([...sums.values()].flatMap((own) => [...own.keys()]))].sort(
    (a, b) => a - b,
  );
  return [
    slots.map((ms) => ms / 1_000),
    ...tenants.map((tenant) => slots.map((ms) => sums.get(tenant)?.get(ms) ?? null)),
  ];
}

/** A row from a host to its vswitch's port: `red/h1` to `red/v1:1`. */
function isHost(from: string, to: string): boolean {
  return !from.includes(':') && to.includes(':');
}
