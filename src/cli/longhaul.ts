#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { z } from 'zod';
import { addApiCommand } from './api.ts';
import { addDoctorCommand } from './doctor/doctor.ts';
import { addKeysCommand } from './keys.ts';
import { addMigrateCommand } from './migrate.ts';
import { addQuickstartCommand } from './quickstart/quickstart.ts';
import { reportFailure } from './report-failure.ts';
import { addUpCommand } from './up.ts';
import { addWorkerCommand } from './worker.ts';

// The commands load what they need when they run: `longhaul doctor` must work where the rest does not.
const program = new Command('longhaul')
  .description('A self-hosted bulk-operations server.')
  .version(readVersion())
  .showHelpAfterError('Run "longhaul --help" to see what there is.');

addUpCommand(program);
addQuickstartCommand(program);
addApiCommand(program);
addWorkerCommand(program);
addMigrateCommand(program);
addKeysCommand(program);
addDoctorCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  reportFailure(error);
  process.exit(1);
}

function readVersion(): string {
  return z.object({ version: z.string() }).parse(createRequire(import.meta.url)('../../package.json')).version;
}
