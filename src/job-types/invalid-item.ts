import { toStorable } from '../domain/storable-json.ts';
import type { ItemIssue } from './validate-item.ts';

/** Why an item that does not fit its schema failed: "amount is missing", "account: Too big: …". */
export function toInvalidItem({ field, message }: ItemIssue): {
  code: 'INVALID_ITEM';
  field: string | null;
  message: string;
} {
  const text = field === null ? message : `${field}${/^\p{Lu}/u.test(message) ? ':' : ''} ${message}`;
  // What quotes the source may hold anything.
  return { code: 'INVALID_ITEM', field, message: String(toStorable(text)) };
}
