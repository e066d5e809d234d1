import { z } from 'zod';
import { toBoolean, toExactNumber, toIsoDateTime, toPlainDecimal } from './coerce-text.ts';

/**
 * TEXT: values came from a table, as text or with a type that a cell happens to have, and get the type of their field where
 * that is plain.
 * LENIENT: values are brought into shape where it is clear what they mean.
 */
export type Coercion = 'TEXT' | 'LENIENT';

type Coerce = (value: unknown) => unknown;

/** Makes the function that brings raw items closer to a schema; what it cannot read it leaves for the schema to refuse. */
export function createItemCoercion(schema: z.ZodObject, coercion: Coercion): Coerce {
  return objectCoercion(schema, coercion);
}

function objectCoercion(schema: z.core.$ZodObject, coercion: Coercion): Coerce {
  const fields = Object.entries(schema._zod.def.shape).map(([name, field]) => ({
    name,
    coerce: valueCoercion(field, coercion),
    isAbsent: absenceOf(field, coercion),
  }));
  return (value) => {
    if (!isRecord(value)) return value;
    const result = { ...value };
    for (const { name, coerce, isAbsent } of fields) {
      if (!Object.hasOwn(result, name)) continue;
      const coerced = coerce(result[name]);
      result[name] = isAbsent(coerced) ? undefined : coerced;
    }
    return result;
  };
}

/** CSV cannot tell an empty text from none: where a field may be absent, it is. */
function absenceOf(field: z.core.$ZodType, coercion: Coercion): (value: unknown) => boolean {
  const isOptional = field._zod.optin === 'optional';
  if (coercion === 'TEXT') return (value) => isOptional && value === '';
  const takesNull = z.safeParse(field, null).success;
  return (value) => value === '' || (value === null && isOptional && !takesNull);
}

function valueCoercion(schema: z.core.$ZodType, coercion: Coercion): Coerce {
  const { def } = (schema as z.core.$ZodTypes)._zod; // Every schema is one of them: the union is zod's own list of its classes.
  const graphqlType = z.globalRegistry.get(schema)?.['graphqlType'];
  if (graphqlType === 'Decimal') return lenientText(coercion, toPlainDecimal);
  if (graphqlType === 'DateTime') return lenientText(coercion, toIsoDateTime);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return valueCoercion(def.innerType, coercion);
    case 'pipe':
      return valueCoercion(def.in, coercion);
    case 'object':
      return coercion === 'LENIENT' ? objectCoercion(schema as z.core.$ZodObject, coercion) : asItIs; // By its type tag.
    case 'array': {
      const element = valueCoercion(def.element, coercion);
      return (value) => (Array.isArray(value) ? value.map(element) : value);
    }
    case 'number':
      return coercion === 'TEXT' ? fromText(toExactNumber) : lenientText(coercion, lenientNumber);
    case 'boolean':
      return coercion === 'TEXT' ? fromText(plainBoolean) : lenientBoolean;
    case 'enum':
      // People write the members of a list in any case.
      return fromText(enumMember(Object.values(def.entries)));
    case 'string':
      return coercion === 'TEXT' ? textOfCell : lenientString;
    default:
      return lenientText(coercion, () => null);
  }
}

const asItIs: Coerce = (value) => value;

/** Where `convert` cannot read a text, the text stays. */
function fromText(convert: (text: string) => unknown): Coerce {
  return (value) => (typeof value === 'string' ? (convert(value) ?? value) : value);
}

function lenientText(coercion: Coercion, convert: (text: string) => unknown): Coerce {
  return coercion === 'TEXT' ? asItIs : fromText((text) => convert(text.trim()) ?? text.trim());
}

function lenientNumber(text: string): number | null {
  const plain = toPlainDecimal(text);
  return plain === null ? null : toExactNumber(plain);
}

function plainBoolean(text: string): boolean | null {
  return /^(true|false)$/i.test(text) ? toBoolean(text) : null;
}

const lenientBoolean: Coerce = (value) => {
  if (value === 1) return true;
  if (value === 0) return false;
  return typeof value === 'string' ? (toBoolean(value.trim()) ?? value.trim()) : value;
};

/** A reference like 1001 is a number in the cells of a sheet. */
const textOfCell: Coerce = (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value);

const lenientString: Coerce = (value) => {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : value;
};

function enumMember(members: readonly unknown[]): (text: string) => unknown {
  const byName = new Map(members.map((member) => [String(member).toLowerCase(), member]));
  return (text) => byName.get(text.trim().toLowerCase()) ?? null;
}

/** True for an object with members: neither null nor a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
