import { ProviderError } from '../../domain/errors.ts';
import { startProgram, type RunningProgram } from '../process/run-program.ts';
import type { MediaTools } from './media-tools.ts';

const usual = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-progress', 'pipe:1', '-y'];
const usualStallMs = 60_000;

/** Runs ffmpeg to its end and answers what it said on stderr, which is errors alone unless `args` ask for more. @throws ProviderError */
export async function runFfmpeg(tools: MediaTools, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdin, done } = startFfmpeg(tools, args, signal);
  stdin.end();
  return (await done).stderr;
}

/**
 * Starts an ffmpeg that may read its input `pipe:0`. When this process dies, that input ends, and ffmpeg with it.
 * One that neither takes input nor gets further for `stallMs` is killed, and `done` rejects with a retryable ProviderError.
 */
export function startFfmpeg(
  tools: MediaTools,
  args: readonly string[],
  signal: AbortSignal,
  stallMs = usualStallMs,
): RunningProgram {
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(toStallError(stallMs)), stallMs);
  const isFurther = watchProgress();
  try {
    const running = startProgram({
      name: 'ffmpeg',
      command: tools.ffmpeg,
      args: [...usual, ...args],
      signal: AbortSignal.any([signal, stall.signal]),
      onStdout: (text) => {
        if (isFurther(text)) timer.refresh();
      },
    });
    running.stdin.on('drain', () => timer.refresh());
    const stopWatching = () => clearTimeout(timer);
    running.done.then(stopWatching, stopWatching);
    return running;
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
}

/** ffmpeg goes on reporting while it stands still: its speed changes then, and these figures do not. */
function watchProgress(): (report: string) => boolean {
  const last = new Map<string, string>();
  return (report) => {
    let isFurther = false;
    for (const [, name = '', value = ''] of report.matchAll(/^(frame|out_time_us|total_size)=(.*)$/gm)) {
      if (last.get(name) !== value) isFurther = true;
      last.set(name, value);
    }
    return isFurther;
  };
}

function toStallError(stallMs: number): ProviderError {
  return new ProviderError(
    `ffmpeg got no further for ${stallMs / 1_000} s and was ended: look whether the worker's machine is overloaded or its disk hangs.`,
    { provider: 'ffmpeg', retryable: true },
  );
}
