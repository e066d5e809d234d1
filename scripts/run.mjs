#!/usr/bin/env node
// node scripts/run.mjs <command> [argument …]
// Installs what package-lock.json says when that is not installed, then runs the command with the programs of
// node_modules/.bin first on PATH, the pinned Node among them. Plain JavaScript that old Nodes can read, so that
// they get a clear message.
import { spawn, spawnSync } from 'child_process';
import { createHash } from 'crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { constants, tmpdir } from 'os';
import { delimiter, dirname, join } from 'path';
import { fileURLToPath } from 'url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const bin = join(modules, '.bin');
const [command, ...args] = process.argv.slice(2);

if (process.platform === 'win32') fail('Longhaul runs on Linux and macOS; on Windows, use WSL.');
if (command === undefined) fail('Usage: node scripts/run.mjs <command> [argument …]');
if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(
    `Longhaul needs Node 20 or newer to install itself, and this is ${process.version}. Get one from https://nodejs.org.`,
  );
}
install().then(run, (error) => fail(error.stack));

async function install() {
  if (isInstalled()) return;
  await holdingInstallLock(() => {
    if (isInstalled()) return;
    const npm = findNpm();
    process.stderr.write('Installing what package-lock.json says (once, about a minute) …\n');
    const { status, signal } = spawnSync(
      npm.command,
      [...npm.args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'],
      { cwd: root, stdio: ['ignore', 2, 2] },
    );
    if (status !== 0) fail(`npm ci failed (${signal || `exit code ${status}`}); its messages are above.`);
    writeFileSync(join(modules, '.longhaul-lock'), lockHash());
  });
}

/** The marker is compared first; without it, what npm recorded is compared with the lockfile, package by package. */
function isInstalled() {
  if (!existsSync(join(bin, 'node'))) return false;
  const marker = join(modules, '.longhaul-lock');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lockHash()) return true;
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages);
  const complete = wanted.every(
    ([path, entry]) =>
      path === '' ||
      (installed[path] === undefined
        ? entry.optional === true || entry.peer === true
        : installed[path].version === entry.version),
  );
  if (complete) writeFileSync(marker, lockHash());
  return complete;
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** npm says where it is to what it starts; otherwise it is on PATH. */
function findNpm() {
  const self = process.env.npm_execpath;
  if (self && /npm-cli\.[cm]?js$/.test(self)) return { command: process.execPath, args: [self] };
  if (spawnSync('npm', ['--version']).status === 0) return { command: 'npm', args: [] };
  return fail('npm is not on PATH. It comes with Node: https://nodejs.org.');
}

/** One installation at a time, across processes: npm empties node_modules first. A link comes into being whole, and once. */
async function holdingInstallLock(work) {
  const lock = join(tmpdir(), `longhaul-install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  process.once('exit', () => [mine, ...(held ? [lock] : [])].forEach((path) => rmSync(path, { force: true })));
  let held = false;
  for (let told = false; !held;) {
    try {
      linkSync(mine, lock);
      held = true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (ownerIsGone(lock)) {
        rmSync(lock, { force: true });
        continue;
      }
      if (!told) process.stderr.write('Another process installs already; waiting for it …\n');
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  work();
  rmSync(lock, { force: true });
  held = false;
}

function ownerIsGone(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    // EPERM: it lives, under another user. ENOENT: it has just finished.
    return error.code === 'ESRCH';
  }
}

/** The package scripts `exec` this file: a shell in between would keep npm's signals for itself. */
function run() {
  const program = join(bin, command);
  const path = `${bin}${delimiter}${process.env.PATH || ''}`;
  const child = spawn(existsSync(program) ? program : command, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  // Ctrl-C reaches the child through the terminal, but `kill` reaches only this process. A child that gets both must take
  // the second one for the same wish, so what the terminal sends is not repeated.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => fail(`${command} cannot be run: ${error.message}`));
  child.once('exit', (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] || 0) : code));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
