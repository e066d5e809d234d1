import type { Command } from 'commander';
import { styleText } from 'node:util';
import { readSettings } from '../../config/settings.ts';
import { examine, type Finding } from './examine.ts';
import { fix } from './fix.ts';

/** `longhaul doctor` */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'what this machine has and lacks for "longhaul up"; ends with 1 when something needed is missing, or could not be brought',
    )
    .option('--json', 'print the findings as JSON')
    .option('--fix', 'first bring what is missing: by apt-get as root, else into the cache with pip and npm')
    .action(async ({ json = false, fix: wantsFix = false }: { json?: boolean; fix?: boolean }) => {
      const problems = wantsFix ? await fix({ info: console.error, warn: console.error }) : [];
      const { LONGHAUL_DATA_DIR: dataDir, LONGHAUL_HOST: host, LONGHAUL_PORT: port } = readSettings();
      const findings = await examine({ dataDir, host, port });
      const ready = findings.every((finding) => finding.state !== 'MISSING');
      console.log(json ? JSON.stringify({ ready, findings }, null, 2) : formatFindings(findings, ready).join('\n'));
      for (const problem of problems) console.error(`\n${styleText('red', problem, { stream: process.stderr })}`);
      if (!ready || problems.length > 0) process.exitCode = 1;
    });
}

const marks = { OK: styleText('green', '✓'), OPTIONAL: styleText('yellow', '–'), MISSING: styleText('red', '✗') };

function formatFindings(findings: Finding[], ready: boolean): string[] {
  const width = Math.max(...findings.map((finding) => finding.name.length));
  const lines = findings.flatMap(({ state, name, found, advice }) => [
    `  ${marks[state]} ${name.padEnd(width)}  ${found}`,
    ...(advice === null ? [] : advice.split('\n').map((line) => `    ${' '.repeat(width)}  ${styleText('dim', line)}`)),
  ]);
  const verdict = ready
    ? styleText('green', 'Everything that is needed is here: npm run quickstart')
    : styleText('red', 'Something that is needed is missing.');
  return [...lines, '', verdict];
}
