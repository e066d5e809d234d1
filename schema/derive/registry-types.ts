import type { JobType } from '../../src/job-types/define-job-type.ts';
import { getJobType, jobTypes } from '../../src/job-types/registry.ts';
import { builder } from '../builder.ts';
import { derivedInput, toZodInput } from './input-type.ts';
import { derivedNames, screamingSnake } from './names.ts';
import { derivedObject, type DerivedRef } from './output-type.ts';

/** The GraphQL types that come from one job type's schemas. */
export interface DerivedTypes {
  jobType: JobType;
  names: ReturnType<typeof derivedNames>;
  optionsInput: ReturnType<typeof derivedInput>;
  options: DerivedRef;
  aggregates: DerivedRef;
  input: DerivedRef;
  output: DerivedRef;
}

function derive(jobType: JobType): DerivedTypes {
  const names = derivedNames(jobType);
  const { title } = jobType;
  const optionsEnums = { enumPrefix: names.optionsEnumPrefix };
  return {
    jobType,
    names,
    optionsInput: derivedInput({
      name: names.optionsInput,
      description: `Options of the job type "${title}".`,
      schema: jobType.options,
      ...optionsEnums,
    }),
    options: derivedObject({
      name: names.options,
      description: `Options of a job of the type "${title}".`,
      schema: jobType.options,
      ...optionsEnums,
    }),
    aggregates: derivedObject({
      name: names.aggregates,
      description: `Totals of a job of the type "${title}".`,
      schema: jobType.aggregates,
    }),
    input: derivedObject({
      name: names.input,
      description: `What an item of the job type "${title}" is made of.`,
      schema: jobType.item,
    }),
    output: derivedObject({
      name: names.output,
      description: `What came out of an item of the job type "${title}".`,
      schema: jobType.output,
    }),
  };
}

const derived = new Map(jobTypes.map((jobType) => [jobType.name, derive(jobType)]));

export const allDerivedTypes: readonly DerivedTypes[] = [...derived.values()];

/** @throws Error for a job whose type was taken out of the registry. */
export function getDerivedTypes(name: string): DerivedTypes {
  const found = derived.get(name);
  if (found) return found;
  throw new Error(`There is no job type "${name}" any more.`);
}

export const JobTypeNameEnum = builder.enumType('JobTypeName', {
  description: 'The job types that there are.',
  values: Object.fromEntries(
    jobTypes.map(({ name, description }) => [screamingSnake(name), { value: name, description }]),
  ),
});

export const JobSpecInput = builder.inputType('JobSpecInput', {
  description: 'What the job does: exactly one job type with its options.',
  isOneOf: true,
  fields: (t) =>
    Object.fromEntries(
      allDerivedTypes.map(({ jobType, optionsInput }) => [
        jobType.name,
        t.field({ type: optionsInput, required: false, description: jobType.description }),
      ]),
    ),
});

/** The one job type that a `JobSpecInput` names, with its options as the job type's schema takes them. */
export function readSpec(spec: object): { type: string; options: Record<string, unknown> } {
  const [entry] = Object.entries(spec).filter(([, value]) => value !== null && value !== undefined);
  if (!entry) throw new Error('GraphQL let a @oneOf input through that has no member.');
  const [type, options] = entry;
  return { type, options: toZodInput(getJobType(type).options, options, type) };
}

/** Says to a union which of its members the value is. */
export function branded<Value extends object>(value: Value, typename: string): Value & { __typename: string } {
  return { ...value, __typename: typename };
}

export const JobOptionsUnion = builder.unionType('JobOptions', {
  description: 'Options of a job: one type for each job type.',
  types: allDerivedTypes.map(({ options }) => options),
  resolveType: typenameOf,
});

/** The type that a value was `branded` with. @throws Error when it was not. */
export function typenameOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && '__typename' in value && typeof value.__typename === 'string')
    return value.__typename;
  throw new Error('A value of a union was not branded with its type.');
}
