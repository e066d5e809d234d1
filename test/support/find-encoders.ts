import { readFile } from 'node:fs/promises';
import { findProcesses } from '../../src/embedded/processes.ts';

/** The ffmpegs that encode into this folder, which is the test's alone. */
export async function findEncoders(folder: string): Promise<number[]> {
  const running = await findProcesses({ program: 'ffmpeg', argument: 'pipe:0' });
  const lines = await Promise.all(running.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return running.filter((_, index) => lines[index]?.includes(folder));
}
