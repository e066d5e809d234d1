import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { bearsMark, endProcesses, findProcesses } from './processes.ts';

const mark = { program: 'postgres', argument: '-D /srv/a/postgres' };

test.each([
  ['/opt/pg/bin/postgres -D /srv/a/postgres -p 5432', true],
  ['postgres -D /srv/a/postgres', true],
  ['/opt/pg/bin/postgres -D /srv/a/postgres-2 -p 5432', false],
  ['/opt/pg/bin/postgres -D /srv/b/postgres', false],
  ['/opt/pg/bin/mypostgres -D /srv/a/postgres', false],
  ['vim /srv/a/postgres', false],
  ['du -D /srv/a/postgres', false],
])('whether "%s" is our server: %s', (commandLine, expected) => {
  expect(bearsMark(commandLine.split(' '), mark)).toBe(expected);
});

test('a process that bears the mark is ended, one with another argument lives on', async () => {
  const idle = ['-e', 'setInterval(() => undefined, 1000); console.log("up")', '--'];
  const ours = spawn(process.execPath, [...idle, '--db', `/nowhere/${process.pid}/a`]);
  const foreign = spawn(process.execPath, [...idle, '--db', `/nowhere/${process.pid}/b`]);
  try {
    await Promise.all([once(ours.stdout, 'data'), once(foreign.stdout, 'data')]);
    const ended = once(ours, 'exit');
    expect(await endProcesses({ program: 'node', argument: `--db /nowhere/${process.pid}/a` }, 'SIGTERM')).toBe(1);
    await ended;
    expect(await findProcesses({ program: 'node', argument: `--db /nowhere/${process.pid}/b` })).toEqual([foreign.pid]);
  } finally {
    ours.kill('SIGKILL');
    foreign.kill('SIGKILL');
  }
});
