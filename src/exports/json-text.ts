import type { ExportedItem } from '../database/sql/read-export-items.ts';
import type { ExportSource } from './export-source.ts';
import { textSection, type ReadItems, type Section } from './sections.ts';

/** An item as one line of JSON. Input and output stay the text that Postgres holds: every figure as it was stored. */
export function toJsonLine(item: ExportedItem): string {
  const { index, key, state, input, output, errorCode: code, errorField: field, errorMessage: message } = item;
  const error = code === null ? 'null' : JSON.stringify({ code, field, message });
  return `{"index":${index},"key":${JSON.stringify(key)},"state":"${state}","input":${input},"output":${output ?? 'null'},"error":${error}}`;
}

/** One JSON object on each line. */
export function jsonLines(read: ReadItems, wrap = (line: string) => line): Section {
  return { kind: 'ITEMS', read, toText: (page) => page.map((item) => `${wrap(toJsonLine(item))}\n`).join('') };
}

/** All of a job as lines that say what they are: {"item":…}, {"failure":…}, {"aggregates":…}. */
export function allAsJsonLines({ job, items, failures }: ExportSource): Section[] {
  return [
    jsonLines(items, (line) => `{"item":${line}}`),
    jsonLines(failures, (line) => `{"failure":${line}}`),
    textSection(job.aggregates === null ? '' : `{"aggregates":${job.aggregates}}\n`),
  ];
}

/** A JSON array, an item on each line. */
export function jsonArray(read: ReadItems): Section[] {
  const toText = (page: ExportedItem[], isFirst: boolean) =>
    `${isFirst ? '\n' : ',\n'}${page.map(toJsonLine).join(',\n')}`;
  return [textSection('['), { kind: 'ITEMS', read, toText }, textSection('\n]\n')];
}

/** All of a job as one JSON object. */
export function allAsJson({ job, items, failures }: ExportSource): Section[] {
  const { id, type, title } = job;
  return [
    textSection(`{"job":${JSON.stringify({ id, type, title })},\n"aggregates":${job.aggregates ?? 'null'},\n"items":`),
    ...jsonArray(items),
    textSection(',"failures":'),
    ...jsonArray(failures),
    textSection('}\n'),
  ];
}
