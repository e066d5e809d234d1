import { builder } from './builder.ts';

/** An enum of the domain whose every value has its sentence: the compiler asks for a missing one. */
export function describedEnum<Value extends string>(
  name: string,
  description: string,
  values: readonly Value[],
  sentences: Record<Value, string>,
) {
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(values.map((value) => [value, { value, description: sentences[value] }])) as Record<
      Value, // fromEntries forgets the keys, which are exactly the values.
      { value: Value; description: string }
    >,
  });
}
