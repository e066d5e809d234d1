import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../../../test/support/wait-for.ts';
import { makeWorkFolder } from '../../../test/support/work-folder.ts';
import { runProgram, startProgram } from './run-program.ts';

const { signal } = new AbortController();
const sh = (script: string, more: { signal?: AbortSignal } = {}) => ({
  name: 'shell',
  command: '/bin/sh',
  args: ['-c', script],
  signal,
  ...more,
});

describe('A program', () => {
  test('gets its input, and what it says is answered', async () => {
    expect(await runProgram(sh('cat; echo oops >&2'), 'hello')).toEqual({ stdout: 'hello', stderr: 'oops\n' });
  });

  test('that fails is an error with the end of what it said', async () => {
    await expect(runProgram(sh('echo first >&2; echo bad luck >&2; exit 3'))).rejects.toMatchObject({
      message: 'shell failed (exit code 3): first · bad luck',
      provider: 'shell',
      retryable: false,
    });
  });

  test('that is killed from outside may be run again', async () => {
    await expect(runProgram(sh('kill -9 $$'))).rejects.toMatchObject({
      message: 'shell failed (SIGKILL): it said nothing',
      retryable: true,
    });
  });

  test('that is not here is an error with its name', async () => {
    const call = { name: 'nothing', command: '/does/not/exist', args: [], signal };
    await expect(runProgram(call)).rejects.toThrow('nothing cannot be started: spawn /does/not/exist ENOENT');
  });

  test('that is aborted ends with all that it started, and rejects with the reason', async () => {
    const folder = await makeWorkFolder();
    const abort = new AbortController();
    const script = `(while :; do touch "${folder}/child"; sleep 0.05; done) & touch "${folder}/started"; wait`;
    const { done } = startProgram(sh(script, { signal: abort.signal }));
    await waitFor(async () => (await readdir(folder)).length === 2, { description: 'both to run' });
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(done).rejects.toBe(reason);
    const isGone = async () => {
      const { stdout } = await runProgram(sh(`pgrep -f "[t]ouch ${folder}/child" || true`));
      return stdout === '';
    };
    await waitFor(isGone, { description: 'the child to end' });
  });

  test('is not started when it was aborted before', () => {
    const reason = new Error('too late');
    expect(() => startProgram(sh('echo', { signal: AbortSignal.abort(reason) }))).toThrow(reason);
  });
});
