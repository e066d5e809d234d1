// Bundles the workflows into the file that is named: `node write-workflow-bundle.ts <path>`.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const [, , path] = process.argv;
if (path === undefined) throw new Error('Say which file to write.');
const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
await writeFile(path, code);
