/** A field of an item, or of an object in it, dots between: "account", "customer.id". */
export const lockKeyPattern = /^[A-Za-z_]\w{0,99}(\.\w{1,100}){0,4}$/;

/** The names that lead to the field, from the outermost object in. */
export function lockKeyPath(lockKey: string): string[] {
  return lockKey.split('.');
}

/** What an item locks, as text that tells different values apart; null when it has no value there, and locks nothing. */
export function lockValueOf(item: unknown, lockKey: string): string | null {
  let value: unknown = item;
  for (const name of lockKeyPath(lockKey)) {
    if (typeof value !== 'object' || value === null) return null;
    value = new Map<string, unknown>(Object.entries(value)).get(name);
  }
  return value === undefined || value === null ? null : JSON.stringify(value);
}
