/**
 * Whether two values say the same: texts, numbers, bytes, and lists, sets, maps and records of
 * them. Maps and records are compared whatever the order of their keys, lists in their order.
 */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  if (one === null || other === null) return false;
  if (one instanceof Set && other instanceof Set) {
    return one.size === other.size && [...one].every((member) => other.has(member));
  }
  if (one instanceof Map && other instanceof Map) {
    return one.size === other.size && [...one].every(([key, value]) => hasSame(other, key, value));
  }
  if (isList(one) && isList(other)) {
    return one.length === other.length && one.every((value, i) => isSameValue(value, other[i]));
  }
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const [left, right] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return left.size > 0 && isSameValue(left, right);
}

function hasSame(map: ReadonlyMap<unknown, unknown>, key: unknown, value: unknown): boolean {
  return map.has(key) && isSameValue(value, map.get(key));
}

function isList(value: object): value is unknown[] | Uint8Array {
  return Array.isArray(value) || value instanceof Uint8Array;
}
