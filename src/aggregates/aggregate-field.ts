import { z } from 'zod';

/** A field that aggregates are over. */
export interface AggregateField {
  /** Without what makes it optional. */
  schema: z.ZodType;
  /** May be missing or null in an item that succeeded. */
  isOptional: boolean;
  kind: 'NUMBER' | 'DECIMAL' | 'MOMENT' | 'OTHER';
  read(input: unknown, output: unknown): unknown;
}

/** Finds "input.amount" in the schemas of a job type. @throws Error when it is not there */
export function findAggregateField(path: string, item: z.ZodObject, output: z.ZodObject): AggregateField {
  const [side, name = ''] = path.split('.');
  const shape = side === 'input' ? item.shape : side === 'output' ? output.shape : {};
  const declared: unknown = shape[name];
  if (!(declared instanceof z.ZodType)) throw new Error(`There is no field "${path}" to aggregate.`);
  let schema: z.ZodType = declared;
  let isOptional = false;
  while (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    // Items have been parsed, so their defaults are filled in; outputs are as the job type returned them.
    if (!(schema instanceof z.ZodDefault) || side === 'output') isOptional = true;
    const inner: unknown = schema.unwrap();
    if (!(inner instanceof z.ZodType)) throw new Error(`The field "${path}" is not made of types of "zod".`);
    schema = inner;
  }
  const read =
    side === 'input' ? (input: unknown) => memberOf(input, name) : (_: unknown, out: unknown) => memberOf(out, name);
  return { schema, isOptional, kind: kindOf(schema), read };
}

function kindOf(schema: z.ZodType): AggregateField['kind'] {
  switch (schema.meta()?.graphqlType) {
    case 'Decimal':
      return 'DECIMAL';
    case 'DateTime':
      return 'MOMENT';
    default:
      return schema instanceof z.ZodNumber ? 'NUMBER' : 'OTHER';
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
