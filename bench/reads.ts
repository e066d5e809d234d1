import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { z } from 'zod';
import { itemsPerSecond, median, timed } from './figures.ts';
import { atLeast, atMost, figure, type Judged } from './judged.ts';
import type { Longhaul } from './longhaul.ts';

/** Shares of the rows a second of Postgres' own COPY of the same rows; formats that pack cost what packing costs. */
const exportShares = { JSONL: 0.25, JSON: 0.25, CSV: 0.25, PARQUET: 0.1, ZIP: 0.1, XLSX: 0.05 } as const;
/** How many times as long a page may take at the end of a job as at its beginning. */
const longestPage = 1.5;

/** A finished job of `items`: a page of it at both ends, and exports of all of it in each format. */
export async function measureReads(
  longhaul: Longhaul,
  server: Client,
  items: number,
  rounds: number,
): Promise<Judged[]> {
  const jobId = await longhaul.submit(await longhaul.store({ items, itemBytes: 0 }));
  await longhaul.finish(jobId);
  return [
    ...(await measurePages(longhaul, jobId, items, rounds)),
    ...(await measureExports(longhaul, server, jobId, items)),
  ];
}

const readPage = `query Page($jobId: ID!, $after: String, $states: [ItemState!]) {
  job(id: $jobId) { items(first: 100, after: $after, filter: { states: $states }) { nodes { index state } pageInfo { endCursor } } }
}`;
const page = z.object({
  job: z.object({
    items: z.object({
      nodes: z.array(z.object({ index: z.coerce.number() })),
      pageInfo: z.object({ endCursor: z.string().nullable() }),
    }),
  }),
});

async function measurePages({ client }: Longhaul, jobId: string, items: number, rounds: number): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const states of [null, ['SUCCEEDED']]) {
    const read = async (after: string | null) => await client.request(readPage, { jobId, after, states }, page);
    const { job } = await read(null);
    const deep = deepCursor(job.items.pageInfo.endCursor ?? '', job.items.nodes.at(-1)?.index ?? 0, items - 101);
    const times = { first: [] as number[], last: [] as number[] };
    for (let index = 0; index < rounds * 10; index += 1) {
      times.first.push(await timed(() => read(null)));
      times.last.push(
        await timed(async () => {
          const [begin] = (await read(deep)).job.items.nodes;
          if (begin?.index !== items - 100) throw new Error(`The page begins at ${begin?.index}.`);
        }),
      );
    }
    const name = states === null ? 'items' : states.join();
    judged.push(
      figure(`page of 100 ${name} at 0, ms`, median(times.first)),
      figure(`page of 100 ${name} at ${items - 100}, ms`, median(times.last)),
      atMost(`${name}, at the end / at 0`, median(times.last) / median(times.first), longestPage),
    );
  }
  return judged;
}

/** A cursor bears the index of its item. */
function deepCursor(cursor: string, index: number, wanted: number): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!text.includes(String(index))) throw new Error(`${text} is no cursor behind item ${index}.`);
  return Buffer.from(text.replace(String(index), String(wanted))).toString('base64url');
}

const createExport = `mutation Create($input: CreateExportInput!) {
  createExport(input: $input) { __typename ... on CreateExportPayload { export { id } } ... on Error { message } }
}`;
const created = z.object({ createExport: z.object({ __typename: z.string(), message: z.string().optional() }) });

async function measureExports({ client }: Longhaul, server: Client, jobId: string, items: number): Promise<Judged[]> {
  const copied = itemsPerSecond(items, await timed(() => copyOut(server)));
  const judged = [figure("Postgres' COPY TO, rows/s", copied)];
  for (const [format, share] of Object.entries(exportShares)) {
    const { createExport: answer } = await client.request(createExport, { input: { jobId, format } }, created);
    if (answer.__typename !== 'CreateExportPayload') throw new Error(answer.message);
    const rate = itemsPerSecond(items, await exportMs(server));
    judged.push(figure(`${format}, rows/s`, rate), atLeast(`${format} / COPY TO`, rate / copied, share));
  }
  return judged;
}

/** The rows of an export as Postgres alone writes them. */
async function copyOut(server: Client): Promise<void> {
  const rows = server.query(
    copyTo(`copy (
      select i.index, i.key, r.state, i.payload, r.output, r.error_code, r.error_field, r.error_message
      from items i join item_results r using (job_id, index)
      where job_id = (select id from jobs order by id desc limit 1) order by i.index
    ) to stdout (format csv)`),
  );
  rows.resume();
  await finished(rows);
}

/** Of the newest export, from when it was asked for. */
async function exportMs(server: Client): Promise<number> {
  for (;;) {
    const { rows } = await server.query<{ state: string; error: string | null; ms: number }>(
      `select state, error, (extract(epoch from completed_at - created_at) * 1000)::float8 as ms from exports order by id desc limit 1`,
    );
    if (rows[0]?.state === 'COMPLETED') return rows[0].ms;
    if (rows[0]?.state === 'FAILED') throw new Error(rows[0].error ?? 'The export failed.');
    await delay(50);
  }
}
