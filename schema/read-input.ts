import { z } from 'zod';
import { invalid } from './invalid.ts';

/** An argument that must be a JSON object; an empty one when it is left out. @throws InvalidInputError */
export function readJsonObject(name: string, value: unknown): Record<string, unknown> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw invalid([name], `${name} must be a JSON object.`);
}

const maxTextLength = 2_000;

/** A message for people, as it can be stored. @throws InvalidInputError when there is none */
export function readText(name: string, value: string): string {
  const text = value.replaceAll('\0', '').trim().slice(0, maxTextLength).toWellFormed();
  if (text !== '') return text;
  throw invalid([name], `${name} must not be empty.`);
}
