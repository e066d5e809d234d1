import { z } from 'zod';

const formats: Record<string, string> = { DateTime: 'date-time', Decimal: 'decimal' };

/** The JSON Schema of what a zod schema takes, for forms and for people. */
export function toJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const { graphqlType, values, aliases } = jsonSchema;
      if (aliases !== undefined) {
        delete jsonSchema.aliases;
        jsonSchema['x-aliases'] = aliases;
      }
      if (values !== undefined) {
        delete jsonSchema.values;
        jsonSchema['x-enum-descriptions'] = values;
      }
      if (typeof graphqlType !== 'string') return;
      delete jsonSchema.graphqlType;
      const format = formats[graphqlType];
      if (format !== undefined) jsonSchema.format = format;
    },
  });
}
