import { runProgram, startProgram, type RunningProgram } from '../process/run-program.ts';
import type { MediaTools } from './media-tools.ts';

const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];

/** Runs ffmpeg to its end and answers what it said on stderr, which is errors alone unless `args` ask for more. @throws ProviderError */
export async function runFfmpeg(tools: MediaTools, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stderr } = await runProgram({ name: 'ffmpeg', command: tools.ffmpeg, args: [...quiet, ...args], signal });
  return stderr;
}

/** Starts an ffmpeg that reads its input `pipe:0`. When this process dies, that input ends, and ffmpeg with it. */
export function startFfmpeg(tools: MediaTools, args: readonly string[], signal: AbortSignal): RunningProgram {
  const command = tools.ffmpeg;
  return startProgram({ name: 'ffmpeg', command, args: [...quiet, ...args], signal });
}
