import { z } from 'zod';
import type { FieldMeta } from '../../src/job-types/fields.ts';

/** What a zod type says, as far as GraphQL can say it too. */
export type FieldKind =
  | { kind: 'scalar'; scalar: 'String' | 'Int' | 'Float' | 'Boolean' | FieldMeta['graphqlType'] | 'JSON' }
  | { kind: 'enum'; values: string[]; sentences: Record<string, unknown> }
  | { kind: 'object'; schema: z.ZodObject }
  | { kind: 'list'; element: FieldShape };

export interface FieldShape {
  type: FieldKind;
  description: string | undefined;
  /** May be left out of an input. */
  isOptional: boolean;
  /** May be null, in inputs and outputs. */
  isNullable: boolean;
  /** What an input means that leaves it out. */
  defaultValue: unknown;
  /** Of a ranking: how many of its first a client gets that does not say. */
  top: number | null;
}

/** @throws Error when a job type uses a zod type that has no counterpart here. */
export function fieldShape(schema: z.ZodType, path: string): FieldShape {
  const meta = schema.meta();
  const base = {
    description: meta?.description,
    isOptional: false,
    isNullable: false,
    defaultValue: undefined,
    top: readTop(meta?.top),
  };
  const scalar = (name: Extract<FieldKind, { kind: 'scalar' }>['scalar']): FieldShape => ({
    ...base,
    type: { kind: 'scalar', scalar: name },
  });

  if (schema instanceof z.ZodOptional) return wrap(schema.unwrap(), { isOptional: true });
  if (schema instanceof z.ZodNullable) return wrap(schema.unwrap(), { isOptional: true, isNullable: true });
  if (schema instanceof z.ZodDefault)
    return wrap(schema.unwrap(), { isOptional: true, defaultValue: schema.def.defaultValue });
  // What it means to leave it out is what the defaults within it say.
  if (schema instanceof z.ZodPrefault) return wrap(schema.unwrap(), { isOptional: true });
  // Before the plain types: what the type says of itself goes over what it looks like.
  if (isGraphqlType(meta?.graphqlType)) return scalar(meta.graphqlType);
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return scalar('String');
  if (schema instanceof z.ZodNumber) return scalar(isInt32(schema) ? 'Int' : 'Float');
  if (schema instanceof z.ZodBoolean) return scalar('Boolean');
  if (schema instanceof z.ZodEnum)
    return {
      ...base,
      type: { kind: 'enum', values: schema.options.map(String), sentences: {}, ...readSentences(meta) },
    };
  if (schema instanceof z.ZodObject) return { ...base, type: { kind: 'object', schema } };
  if (schema instanceof z.ZodArray)
    return { ...base, type: { kind: 'list', element: fieldShape(toZod(schema.element), `${path}[]`) } };
  if (schema instanceof z.ZodRecord || schema instanceof z.ZodAny || schema instanceof z.ZodUnknown)
    return scalar('JSON');
  throw new Error(
    `${path}: the zod type "${schema.type}" has no GraphQL type. Give it .meta({ graphqlType }), or choose another.`,
  );

  function wrap(inner: unknown, wrapper: Partial<FieldShape>): FieldShape {
    const shape = fieldShape(toZod(inner), path);
    return {
      ...shape,
      ...wrapper,
      type: shape.type.kind === 'enum' ? { ...shape.type, ...readSentences(meta) } : shape.type,
      isNullable: shape.isNullable || wrapper.isNullable === true,
      description: base.description ?? shape.description,
    };
  }
}

/** The fields of an object, in their order. */
export function fieldShapes(schema: z.ZodObject, path: string): [string, FieldShape][] {
  return Object.entries(schema.shape).map(([name, field]) => [name, fieldShape(toZod(field), `${path}.${name}`)]);
}

/** zod types its inner types as those of its core, of which every classic type is one. */
function toZod(inner: unknown): z.ZodType {
  if (inner instanceof z.ZodType) return inner;
  throw new Error('Only types of "zod" can be derived from, not those of "zod/mini".');
}

/** GraphQL's Int has 32 bits. */
function isInt32(schema: z.ZodNumber): boolean {
  return schema.format === 'int32' || schema.format === 'safeint';
}

/** What is said of each value, where `.meta()` says it: of the enum itself, or of what wraps it. */
function readSentences(meta: z.GlobalMeta | undefined): { sentences?: Record<string, unknown> } {
  return isRecord(meta?.['values']) ? { sentences: meta['values'] } : {};
}

function readTop(top: unknown): number | null {
  return typeof top === 'number' ? top : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isGraphqlType(name: unknown): name is FieldMeta['graphqlType'] {
  return name === 'Decimal' || name === 'DateTime' || name === 'BigInt';
}
