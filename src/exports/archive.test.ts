import { setImmediate as turn } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createArchive } from './archive.ts';

async function* text(...pieces: string[]) {
  yield* pieces;
}

async function* failing(message: string) {
  yield 'begin';
  throw new Error(message);
}

test('the same files give the same bytes', async () => {
  const make = () =>
    buffer(
      createArchive(async (append) => {
        await append('a.txt', text('one', 'two'));
        await append('b/c.txt', text());
      }),
    );
  const [one, other] = [await make(), await make()];
  expect(one.equals(other)).toBe(true);
  expect(one.subarray(0, 2).toString()).toBe('PK');
});

test('what breaks before anybody reads is told to the reader, and to nobody else', async () => {
  const archive = createArchive(async () => {
    throw new Error('No files.');
  });
  for (let turns = 0; turns < 5; turns += 1) await turn();
  await expect(buffer(archive)).rejects.toThrow('No files.');
});

test('a file that breaks breaks the archive', async () => {
  const archive = createArchive((append) => append('a.txt', failing('No text.')));
  await expect(buffer(archive)).rejects.toThrow('No text.');
});

test('a file that breaks in the moment in which the reader leaves harms nobody', async () => {
  let left: Promise<unknown> | undefined;
  const archive = createArchive(async (append) => {
    left = append('a.txt', failing('No text.')).catch(String);
    await left;
  });
  await turn();
  archive.destroy();
  expect(await left).toMatch(/No text|closed before its end/);
  for (let turns = 0; turns < 5; turns += 1) await turn();
});
