import { readdir, readFile } from 'node:fs/promises';

/** Milliseconds of processor that a process and its children, the ended ones too, have taken so far. Linux only: proc_pid_stat(5). */
export async function processorMs(pid: number): Promise<number> {
  const [own, ...children] = await Promise.all([pid, ...(await childrenOf(pid))].map(readStat));
  const ticks = [own?.withReaped ?? 0, ...children.map((child) => child?.withReaped ?? 0)];
  return ticks.reduce((sum, each) => sum + each, 0) * msPerTick;
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const msPerTick = 10;

interface Stat {
  parent: number;
  withReaped: number;
}

/** Null when the process has ended meanwhile. */
async function readStat(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name before the last parenthesis may hold spaces. Behind it: state, ppid, …, utime, stime, cutime, cstime.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { parent: fields[1] ?? 0, withReaped: fields.slice(11, 15).reduce((sum, each) => sum + each, 0) };
}

async function childrenOf(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((each) => Number.isInteger(each));
  const stats = await Promise.all(pids.map(readStat));
  return pids.filter((_, index) => stats[index]?.parent === pid);
}
