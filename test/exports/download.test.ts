import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportFileKey } from '../../src/exports/storage-key.ts';
import { createExportScene, type ExportScene } from '../support/export-scene.ts';

const run = promisify(execFile);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);

let scene: ExportScene;
beforeAll(async () => {
  scene = await createExportScene();
});
afterAll(() => scene.close());

describe('a download link', () => {
  it('delivers the file under its name, with its length, type and tag', async () => {
    const found = await scene.write({ format: 'CSV', content: 'ITEMS', fileNamePrefix: 'Bücher (1)' });
    const url = scene.exports.downloadUrl(found);
    const response = await fetch(url ?? '');
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.equals(await scene.contentOf(found))).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-length': String(found.byteSize),
      'content-disposition': `attachment; filename="B_cher -1-items.csv"; filename*=UTF-8''B%C3%BCcher%20-1-items.csv`,
      etag: `"${found.sha256}"`,
    });

    const head = await fetch(url ?? '', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(found.byteSize),
      '',
    ]);
    const again = await fetch(url ?? '', { headers: { 'if-none-match': `"${found.sha256}"` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it.each([
    ['bytes=0-9', (bytes: Buffer) => bytes.subarray(0, 10)],
    ['bytes=100-', (bytes: Buffer) => bytes.subarray(100)],
    ['bytes=-7', (bytes: Buffer) => bytes.subarray(-7)],
  ])('delivers the part %s', async (range, expected) => {
    const found = await scene.write({ format: 'JSONL', content: 'ITEMS' });
    const response = await fetch(scene.exports.downloadUrl(found) ?? '', { headers: { range } });
    const whole = await scene.contentOf(found);
    const part = expected(whole);
    expect(response.status).toBe(206);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(part);
    const start = whole.lastIndexOf(part);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(part.length),
      'content-range': `bytes ${start}-${start + part.length - 1}/${whole.length}`,
      etag: `"${found.sha256}"`,
    });
  });

  it('delivers a part only of the file that the client has begun with, and the whole where a part makes no sense', async () => {
    const found = await scene.write({ format: 'JSONL', content: 'ITEMS' });
    const link = scene.exports.downloadUrl(found) ?? '';
    const etag = `"${found.sha256}"`;
    const statusOf = async (headers: Record<string, string>, method = 'GET') => {
      const response = await fetch(link, { method, headers });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await statusOf({ range: 'bytes=5-', 'if-range': etag })).toBe(206);
    expect(await statusOf({ range: 'bytes=5-', 'if-range': '"another"' })).toBe(200);
    expect(await statusOf({ range: 'bytes=5-', 'if-range': `W/${etag}` })).toBe(200);
    expect(await statusOf({ range: 'bytes=5-', 'if-range': new Date().toUTCString() })).toBe(200);
    expect(await statusOf({ range: 'bytes=0-1,5-6' })).toBe(200);
    expect(await statusOf({ range: 'bytes=5-' }, 'HEAD')).toBe(200);
    expect(await statusOf({ range: 'bytes=5-', 'if-none-match': etag })).toBe(304);
    expect(await statusOf({ 'if-none-match': '"another", *' })).toBe(304);
    expect(await statusOf({ 'if-none-match': '"another"' })).toBe(200);
  });

  it('says how long the file is when the part lies behind its end', async () => {
    const found = await scene.write({ format: 'CSV', content: 'ITEMS' });
    const response = await fetch(scene.exports.downloadUrl(found) ?? '', {
      headers: { range: `bytes=${found.byteSize}-` },
    });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${found.byteSize}`]);
    expect(await response.json()).toEqual({
      errors: [
        {
          message: `The file has ${found.byteSize} bytes: the range that was asked for begins behind its end.`,
          extensions: { code: 'INVALID_INPUT' },
        },
      ],
    });
  });

  it.runIf(hasCurl)('is resumed by curl after a cut, to the same bytes', async () => {
    const jobId = await scene.shareMany(4_500);
    const found = await scene.write({ jobId, format: 'JSONL', content: 'ITEMS' });
    const link = scene.exports.downloadUrl(found) ?? '';
    const path = join(scene.folder, 'resumed');
    // The client is cut off after 100,000 bytes, as by a lost connection.
    await writeFile(path, await readFirst(link, 100_000));
    await run('curl', ['--silent', '--show-error', '--fail', '--continue-at', '-', '--output', path, link]);
    const bytes = await readFile(path);
    expect(bytes.equals(await scene.contentOf(found))).toBe(true);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(found.sha256);
  });

  it('leads nowhere when it is changed, has expired, or the export is gone', async () => {
    const found = await scene.write({ format: 'JSON', content: 'ITEMS' });
    const link = scene.exports.downloadUrl(found) ?? '';
    const notFound = {
      errors: [
        {
          message: 'There is nothing here: not found or expired. Ask the API for a new link.',
          extensions: { code: 'NOT_FOUND' },
        },
      ],
    };
    const get = async (url: string) => {
      const response = await fetch(url);
      return { status: response.status, body: await response.json() };
    };
    expect(await get(`${link}x`)).toEqual({ status: 404, body: notFound });
    await scene.exports.deleteExport(scene.viewer, found.id);
    expect(await get(link)).toEqual({ status: 404, body: notFound });
    expect(await scene.storage.head(exportFileKey(found))).toBeNull();

    const expired = await scene.write({ format: 'JSON', content: 'ITEMS' });
    const expiredLink = scene.exports.downloadUrl(expired) ?? '';
    await scene.database.pool.query(`update exports set expires_at = now() - interval '1 second' where id = $1`, [
      expired.id,
    ]);
    expect(await get(expiredLink)).toEqual({ status: 404, body: notFound });
  });

  it('leads nowhere when the job was deleted', async () => {
    const jobId = await scene.seedMany(1);
    const link = scene.exports.downloadUrl(await scene.write({ jobId, format: 'JSON', content: 'ITEMS' }));
    await scene.database.pool.query('update jobs set deleted_at = now() where id = $1', [jobId]);
    expect((await fetch(link ?? '')).status).toBe(404);
  });
});

async function readFirst(link: string, byteSize: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let read = 0;
  const { body } = await fetch(link);
  for await (const piece of body ?? []) {
    pieces.push(Buffer.from(piece));
    read += piece.length;
    if (read >= byteSize) break;
  }
  return Buffer.concat(pieces).subarray(0, byteSize);
}
