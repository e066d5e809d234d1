import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorkFolder } from '../../../test/support/work-folder.ts';
import { startFfmpeg } from './run-ffmpeg.ts';

const { signal } = new AbortController();

/** Something in the place of ffmpeg that does what the script says. */
async function pretend(script: string) {
  const ffmpeg = join(await makeWorkFolder(), 'ffmpeg');
  await writeFile(ffmpeg, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ffmpeg, ffprobe: '/does/not/exist' };
}

describe('An ffmpeg', () => {
  test.each([
    ['says nothing', 'exec sleep 600'],
    ['reports again and again that it is where it was', 'while :; do printf "frame=7\\nspeed=0x\\n"; sleep 0.05; done'],
  ])('that %s is killed, and may be run again', async (_, script) => {
    const { done } = startFfmpeg(await pretend(script), [], signal, 500);
    await expect(done).rejects.toMatchObject({
      message: expect.stringContaining('ffmpeg got no further for 0.5 s and was ended'),
      provider: 'ffmpeg',
      retryable: true,
    });
  });

  test('that gets further is left alone, however long it takes', async () => {
    const script = 'for frame in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "frame=$frame"; sleep 0.25; done';
    const { done } = startFfmpeg(await pretend(script), [], signal, 2_000);
    expect(await done).toEqual({ stdout: '', stderr: '' });
  });
});
