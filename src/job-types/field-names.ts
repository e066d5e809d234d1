import { z } from 'zod';

/** What the fields of a job type's items are called, by itself and by the people who keep tables. */
export interface FieldNames {
  names: readonly string[];
  /** The field that a column names, by its name or an alias, in any case, with spaces, `_` and `-` or without; null when it names none. */
  find(column: string): string | null;
}

/** The names of a schema's fields, with their aliases: `.meta({ aliases: ['Idea/Title'] })`. @throws Error when one name means two fields */
export function fieldNamesOf(schema: z.ZodObject): FieldNames {
  const names = Object.keys(schema.shape);
  const fieldOf = new Map<string, string>();
  for (const [field, type] of Object.entries<z.core.$ZodType>(schema.shape)) {
    for (const name of [field, ...aliasesOf(type)]) {
      const other = fieldOf.get(plain(name)) ?? field;
      if (other !== field) throw new Error(`The name ${JSON.stringify(name)} means both ${other} and ${field}.`);
      fieldOf.set(plain(name), field);
    }
  }
  return { names, find: (column) => (names.includes(column) ? column : (fieldOf.get(plain(column)) ?? null)) };
}

/** "Idea_Title " → "ideatitle" */
function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
}

const aliasesSchema = z.array(z.string()).default([]);

/** Also of a field that is optional or has a default, wherever in it they were declared. */
function aliasesOf(type: z.core.$ZodType): string[] {
  const { def } = (type as z.core.$ZodTypes)._zod; // Every schema is one of them: the union is zod's own list of its classes.
  const own = aliasesSchema.parse(z.globalRegistry.get(type)?.['aliases']);
  return 'innerType' in def ? [...own, ...aliasesOf(def.innerType)] : own;
}
