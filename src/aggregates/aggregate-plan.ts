import { z } from 'zod';
import { bigCount, dateTime, decimal } from '../job-types/fields.ts';
import { findAggregateField, type AggregateField } from './aggregate-field.ts';
import type { Aggregates, Figure, Groups, JobCount } from './declare-aggregates.ts';

/** What is added up as chunks commit. Sums of parts are the sum of the whole, so parts can be merged in any order. */
export interface Measure {
  /** "SUM:input.amount": names it among the parts that are stored. */
  id: string;
  kind: 'ITEMS' | 'VALUES' | 'SUM' | 'MIN' | 'MAX';
  /** Null for ITEMS, which counts whatever there is. */
  field: AggregateField | null;
}

export interface PlannedFigure {
  name: string;
  figure: Figure;
  /** Positions among the measures: of the figure itself, and of what a sum is divided by. */
  measure: number;
  divisor: number | null;
  field: AggregateField | null;
}

/** Figures over all items, or over the groups that one field makes of them. */
export interface Dimension {
  /** Name of the aggregate that has the groups; empty for the figures over all items. */
  name: string;
  /** Null for the figures over all items. */
  groups: { declared: Groups; key: AggregateField } | null;
  measures: Measure[];
  figures: PlannedFigure[];
}

/** All that is needed to keep up the aggregates of a job type. */
export interface AggregatePlan {
  jobCounts: { name: string; declared: JobCount }[];
  dimensions: Dimension[];
  /** What the finished aggregates look like. */
  schema: z.ZodObject;
}

/** The most groups that a ranking keeps: as many as a client can ask for. */
export const rankedGroups = 100;
/** The most groups that are kept in the order of their values. */
export const listedGroups = 1_000;

/** Works out what a job type's aggregates need. @throws Error when one is declared over a field that it does not fit */
export function planAggregates(aggregates: Aggregates, item: z.ZodObject, output: z.ZodObject): AggregatePlan {
  const findField = (path: string) => findAggregateField(path, item, output);
  const overall: Record<string, Figure> = {};
  const jobCounts: AggregatePlan['jobCounts'] = [];
  const groupings: Dimension[] = [];
  const shape: Record<string, z.ZodType> = {};
  for (const [name, aggregate] of Object.entries(aggregates)) {
    if (aggregate.kind === 'JOB_COUNT') {
      jobCounts.push({ name, declared: aggregate });
      shape[name] = bigCount(aggregate.description);
    } else if (aggregate.kind === 'GROUPS') {
      groupings.push(planGroups(name, aggregate, findField));
      shape[name] = groupsSchema(aggregate, findField);
    } else {
      overall[name] = aggregate;
      shape[name] = figureSchema(aggregate, findField, true);
    }
  }
  const all = { name: '', groups: null, ...planFigures(overall, findField) };
  const dimensions = [...(all.figures.length > 0 ? [all] : []), ...groupings];
  return { jobCounts, dimensions, schema: z.object(shape) };
}

type FindField = (path: string) => AggregateField;

function planGroups(name: string, declared: Groups, findField: FindField): Dimension {
  const key = findField(declared.path);
  const { schema } = key;
  const isPlain = schema instanceof z.ZodString || schema instanceof z.ZodEnum || schema instanceof z.ZodBoolean;
  if (!isPlain && key.kind !== 'NUMBER')
    throw new Error(
      `${name}: groups can be made by texts, enums, booleans and whole numbers, not by ${declared.path}.`,
    );
  if (Object.keys(declared.figures).length === 0) throw new Error(`${name}: groups have at least one figure.`);
  const { top } = declared;
  if (top && !Object.hasOwn(declared.figures, top.by))
    throw new Error(`${name}: there is no figure "${top.by}" to rank by.`);
  if (top && top.count > rankedGroups) throw new Error(`${name}: at most ${rankedGroups} groups are ranked.`);
  return { name, groups: { declared, key }, ...planFigures(declared.figures, findField) };
}

function planFigures(declared: Record<string, Figure>, findField: FindField): Pick<Dimension, 'measures' | 'figures'> {
  const measures: Measure[] = [];
  const place = (kind: Measure['kind'], path: string | null): number => {
    const id = path === null ? kind : `${kind}:${path}`;
    const known = measures.findIndex((measure) => measure.id === id);
    return known >= 0 ? known : measures.push({ id, kind, field: path === null ? null : findField(path) }) - 1;
  };
  const figures = Object.entries(declared).map(([name, figure]): PlannedFigure => {
    const field = figure.path === null ? null : findField(figure.path);
    assertFits(name, figure, field);
    if (figure.kind === 'COUNT') {
      const measure = place(figure.path === null ? 'ITEMS' : 'VALUES', figure.path);
      return { name, figure, field, measure, divisor: null };
    }
    const isMean = figure.kind === 'AVERAGE';
    const measure = place(figure.kind === 'AVERAGE' ? 'SUM' : figure.kind, figure.path);
    return { name, figure, field, measure, divisor: isMean ? place('VALUES', figure.path) : null };
  });
  return { measures, figures };
}

function assertFits(name: string, { kind, path }: Figure, field: AggregateField | null): void {
  if (kind === 'COUNT' || field?.kind === 'NUMBER' || field?.kind === 'DECIMAL') return;
  if ((kind === 'MIN' || kind === 'MAX') && field?.kind === 'MOMENT') return;
  throw new Error(`${name}: there is no ${kind} of ${path}, which is no number.`);
}

function groupsSchema({ path, as, figures, top, description }: Groups, findField: FindField): z.ZodType {
  const { schema, isOptional } = findField(path);
  const key = schema.describe(schema.description ?? `The ${as} of the group.`);
  const group = z.object({
    [as]: isOptional ? key.nullable() : key,
    ...Object.fromEntries(
      Object.entries(figures).map(([name, figure]) => [name, figureSchema(figure, findField, false)]),
    ),
  });
  return z.array(group).meta({ description, ...(top ? { top: top.count } : {}) });
}

function figureSchema(figure: Figure, findField: FindField, canBeEmpty: boolean): z.ZodType {
  const { kind, description, path } = figure;
  if (kind === 'COUNT') return bigCount(description);
  if (kind === 'SUM') return decimal(description);
  const field = findField(path);
  const schema = kind === 'AVERAGE' ? decimal(description) : extremeSchema(field, description);
  return canBeEmpty || field.isOptional ? schema.nullable() : schema;
}

function extremeSchema({ kind, schema }: AggregateField, description: string): z.ZodType {
  if (kind === 'DECIMAL') return decimal(description);
  return kind === 'MOMENT' ? dateTime(description) : schema.describe(description);
}
