import type { z } from 'zod';
import { findUnstorable } from '../domain/storable-json.ts';
import type { ValidationLevel } from '../domain/job.ts';
import { createItemCoercion, isRecord } from './coerce-item.ts';
import type { JobType } from './define-job-type.ts';

export interface ItemIssue {
  /** Path of the field within the item, "lines.0.amount"; null for the item itself. */
  field: string | null;
  /** To be read after the field's name: "is missing". */
  message: string;
}

/** `key` is null for an item without a name of its own. */
export type CheckedItem =
  | { ok: true; item: Record<string, unknown>; key: string | null }
  | { ok: false; issues: ItemIssue[]; key: string | null };

/** TEXT: values came from a table, which knows no types (CSV) or other ones than the fields have (XLSX). TYPED: values came with the types of JSON. */
export type ItemOrigin = 'TEXT' | 'TYPED';

/**
 * Makes the function that holds raw items to a job type's schema. What it returns as `item` is canonical (decimals and
 * times as their exact text) and parses to itself. STRICT and MODERATE check alike; PERMISSIVE first coerces what it can.
 */
export function createItemValidator(
  jobType: JobType,
  level: ValidationLevel,
  origin: ItemOrigin = 'TYPED',
): (raw: unknown) => CheckedItem {
  const prepare = createPreparation(jobType, level, origin);
  return (raw) => {
    const unstorable = findUnstorable(raw);
    if (unstorable) {
      return { ok: false, issues: [{ field: fieldOf(unstorable.path), message: unstorable.message }], key: null };
    }
    if (!isRecord(raw)) return { ok: false, issues: [{ field: null, message: notAnObject(raw) }], key: null };
    const prepared = prepare(raw);
    const parsed = jobType.item.safeParse(prepared);
    if (parsed.success) return { ok: true, item: parsed.data, key: keyOf(jobType, parsed.data) };
    const issues = parsed.error.issues.map((issue) => toItemIssue(issue, prepared, origin));
    return { ok: false, issues, key: keyOf(jobType, prepared) };
  };
}

type Fields = Record<string, unknown>;

function createPreparation(jobType: JobType, level: ValidationLevel, origin: ItemOrigin): (raw: Fields) => Fields {
  const coercions = [
    ...(origin === 'TEXT' ? [createItemCoercion(jobType.item, 'TEXT')] : []),
    ...(level === 'PERMISSIVE' ? [createItemCoercion(jobType.item, 'LENIENT')] : []),
  ];
  const tidy = level === 'PERMISSIVE' ? jobType.coerceItem : undefined;
  return (raw) => {
    const coerced = coercions.reduce<unknown>((value, coerce) => coerce(value), raw);
    if (!isRecord(coerced)) return raw;
    return tidy ? tidy(coerced) : coerced;
  };
}

/** The items' own names are for people: a job type whose rule needs a whole item gives none for a broken one. */
function keyOf(jobType: JobType, item: Fields): string | null {
  if (!jobType.itemKey) return null;
  try {
    const key: unknown = jobType.itemKey(item);
    return typeof key === 'string' && key !== '' ? key.slice(0, maxKeyLength).toWellFormed() : null;
  } catch {
    return null;
  }
}

const maxKeyLength = 500;

function toItemIssue(issue: z.core.$ZodIssue, item: Fields, origin: ItemOrigin): ItemIssue {
  const field = fieldOf(issue.path.map(String));
  const value = issue.path.reduce<unknown>((parent, name) => (isContainer(parent) ? parent[name] : undefined), item);
  const isMissing = issue.path.length > 0 && (value === undefined || (origin === 'TEXT' && value === ''));
  return { field, message: isMissing ? 'is missing' : shorten(issue.message) };
}

function isContainer(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

function fieldOf(path: readonly string[]): string | null {
  return path.length > 0 ? path.join('.').slice(0, maxKeyLength) : null;
}

/** Messages quote what came, whatever its length. */
function shorten(message: string): string {
  return message.length <= maxMessageLength ? message : `${message.slice(0, maxMessageLength).toWellFormed()}…`;
}

const maxMessageLength = 500;

function notAnObject(raw: unknown): string {
  const kind = raw === null ? 'null' : Array.isArray(raw) ? 'a list' : `a ${typeof raw}`;
  return `must be an object with the item's fields, not ${kind}`;
}
