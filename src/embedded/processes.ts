import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

interface RunningProcess {
  pid: number;
  /** The program first. */
  args: string[];
}

/** A program that was started with `argument`, which names a path that is ours alone. */
export interface ProcessMark {
  program: string;
  argument: string;
}

/** What runs on this machine and bears our mark, whoever started it: a server that outlived a killed parent. */
export async function findProcesses(mark: ProcessMark): Promise<number[]> {
  const all = await (process.platform === 'linux' ? listFromProc() : listFromPs());
  return all.filter((entry) => bearsMark(entry.args, mark)).map((entry) => entry.pid);
}

/** Both must fit: nothing that is not ours is ever ended. */
export function bearsMark(args: readonly string[], mark: ProcessMark): boolean {
  const [program = '', ...others] = args;
  return basename(program) === mark.program && ` ${others.join(' ')} `.includes(` ${mark.argument} `);
}

/** Ends what bears our mark: asks with `signal`, kills after `graceMs`. Answers how many there were. */
export async function endProcesses(mark: ProcessMark, signal: NodeJS.Signals, graceMs = 10_000): Promise<number> {
  const found = await findProcesses(mark);
  for (const pid of found) sendSignal(pid, signal);
  const deadline = Date.now() + graceMs;
  for (let left = found; left.length > 0; left = await findProcesses(mark)) {
    if (Date.now() > deadline) for (const pid of left) sendSignal(pid, 'SIGKILL');
    await delay(50);
  }
  return found.length;
}

/** A process that is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function listFromProc(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      // Empty for zombies and kernel threads, and gone for what ended meanwhile.
      const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), args: raw.replace(/\0$/, '').split('\0') };
    }),
  );
}

async function listFromPs(): Promise<RunningProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 16 * 2 ** 20 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, commandLine] = /^\s*(\d+)\s+(.*?)\s*$/.exec(line) ?? [];
    return pid === undefined || commandLine === undefined ? [] : [{ pid: Number(pid), args: commandLine.split(' ') }];
  });
}
