import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { waitFor } from '../../../test/support/wait-for.ts';
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
    const told = await makeWorkFolder();
    const script = `while read frame; do echo "frame=$frame"; touch "${told}/$frame"; done`;
    // Time passes when the test says so, not while a busy machine makes the program wait.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { stdin, done } = startFfmpeg(await pretend(script), [], signal, 1_000);
    for (const frame of ['1', '2', '3', '4', '5']) {
      stdin.write(`${frame}\n`);
      await waitFor(async () => (await readdir(told)).includes(frame), { description: `frame ${frame} to be told` });
      // What was said before the file appeared has been read when one more turn of the event loop is over.
      await nextTurn();
      await nextTurn();
      vi.advanceTimersByTime(900);
    }
    stdin.end();
    expect(await done).toEqual({ stdout: '', stderr: '' });
  });
});
