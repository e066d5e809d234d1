import type { ExportedItem } from '../database/sql/read-export-items.ts';
import type { ExportSource } from './export-source.ts';

/** An item as one line of JSON. Input and output stay the text that Postgres holds: every figure as it was stored. */
export function toJsonLine(item: ExportedItem): string {
  const { index, key, state, input, output, errorCode: code, errorField: field, errorMessage: message } = item;
  const error = code === null ? 'null' : JSON.stringify({ code, field, message });
  return `{"index":${index},"key":${JSON.stringify(key)},"state":"${state}","input":${input},"output":${output ?? 'null'},"error":${error}}`;
}

/** One JSON object on each line. */
export async function* jsonLines(
  pages: AsyncIterable<ExportedItem[]>,
  wrap = (line: string) => line,
): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((item) => `${wrap(toJsonLine(item))}\n`).join('');
}

/** All of a job as lines that say what they are: {"item":…}, {"failure":…}, {"aggregates":…}. */
export async function* allAsJsonLines({ job, items, failures }: ExportSource): AsyncGenerator<string> {
  yield* jsonLines(items(), (line) => `{"item":${line}}`);
  yield* jsonLines(failures(), (line) => `{"failure":${line}}`);
  if (job.aggregates !== null) yield `{"aggregates":${job.aggregates}}\n`;
}

/** A JSON array, an item on each line. */
export async function* jsonArray(pages: AsyncIterable<ExportedItem[]>): AsyncGenerator<string> {
  let isFirst = true;
  yield '[';
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield `${isFirst ? '\n' : ',\n'}${page.map(toJsonLine).join(',\n')}`;
    isFirst = false;
  }
  yield '\n]\n';
}

/** All of a job as one JSON object. */
export async function* allAsJson({ job, items, failures }: ExportSource): AsyncGenerator<string> {
  const { id, type, title } = job;
  yield `{"job":${JSON.stringify({ id, type, title })},\n"aggregates":${job.aggregates ?? 'null'},\n"items":`;
  yield* jsonArray(items());
  yield ',"failures":';
  yield* jsonArray(failures());
  yield '}\n';
}
