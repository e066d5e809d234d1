import { InvalidInputError } from '../domain/errors.ts';

/** No segment begins with a dot: such names are the storage's own, and nobody climbs out of its root. */
const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

/** The key as it came. @throws InvalidInputError when it is none */
export function checkStorageKey(key: string): string {
  if (isStorageKey(key)) return key;
  throw new InvalidInputError(
    `${JSON.stringify(key)} is no storage key: it needs segments of letters, digits, ".", "_" and "-" between slashes.`,
  );
}

export function isStorageKey(key: string): boolean {
  return key.split('/').every((each) => segment.test(each));
}
