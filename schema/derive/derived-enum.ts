import type { EnumRef } from '@pothos/core';
import type { builder } from '../builder.ts';
import { describedEnum } from '../described-enum.ts';
import type { FieldKind } from './field-shape.ts';

type BuilderTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;
export type { BuilderTypes };

const enums = new Map<string, EnumRef<BuilderTypes, string>>();

/** The enum of this name, made on first use: options are both an input and an output type. */
export function derivedEnum(
  name: string,
  description: string,
  { values, sentences }: Extract<FieldKind, { kind: 'enum' }>,
): EnumRef<BuilderTypes, string> {
  const known = enums.get(name);
  if (known) return known;
  const described = values.map((value) => [value, sentence(sentences[value], value, description)]);
  const ref: EnumRef<BuilderTypes, string> = describedEnum(name, description, values, Object.fromEntries(described));
  enums.set(name, ref);
  return ref;
}

function sentence(given: unknown, value: string, description: string): string {
  return typeof given === 'string' ? given : `${value}: ${description}`;
}
