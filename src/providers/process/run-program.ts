import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { ProviderError } from '../../domain/errors.ts';

export interface ProgramCall {
  /** For messages: "ffmpeg". */
  name: string;
  command: string;
  args: readonly string[];
  /** Its abort kills the program, and whatever it started, at once. */
  signal: AbortSignal;
  /** Gets what the program says on stdout as it comes; it is then not kept. */
  onStdout?(text: string): void;
}

export interface ProgramOutput {
  stdout: string;
  /** Its end: what a program says before it fails. */
  stderr: string;
}

export interface RunningProgram {
  stdin: Writable;
  /** @throws ProviderError when the program fails, the signal's reason when it was aborted */
  done: Promise<ProgramOutput>;
}

const keptErrorBytes = 16_384;

/** Starts a program in a process group of its own, so that its end is the end of all that it started. */
export function startProgram({ name, command, args, signal, onStdout }: ProgramCall): RunningProgram {
  signal.throwIfAborted();
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', onStdout ?? ((text: string) => (output.stdout += text)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr = (output.stderr + text).slice(-keptErrorBytes);
  });
  // A program that ends early breaks the pipe; how it ended says more than that.
  child.stdin.on('error', () => undefined);
  const kill = () => killGroup(child.pid);
  signal.addEventListener('abort', kill, { once: true });

  const done = new Promise<ProgramOutput>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new ProviderError(`${name} cannot be started: ${error.message}`, { provider: name, cause: error })),
    );
    child.once('close', (code, endSignal) => {
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve(output);
      else reject(failure(name, endSignal ?? `exit code ${code}`, output.stderr, endSignal !== null));
    });
  }).finally(() => signal.removeEventListener('abort', kill));
  // Whoever writes to the program may see its end before `done` is awaited.
  done.catch(() => undefined);
  return { stdin: child.stdin, done };
}

/** Runs a program to its end, with `input` as what it reads. @throws ProviderError when it fails */
export function runProgram(call: ProgramCall, input = ''): Promise<ProgramOutput> {
  const { stdin, done } = startProgram(call);
  stdin.end(input);
  return done;
}

/** One that was killed (for lack of memory, say) may do better next time. */
function failure(name: string, end: string, stderr: string, retryable: boolean): ProviderError {
  const lines = stderr.trim().split('\n').slice(-3).join(' · ');
  return new ProviderError(`${name} failed (${end}): ${lines || 'it said nothing'}`, { provider: name, retryable });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
