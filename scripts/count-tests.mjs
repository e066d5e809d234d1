// Prints the last line of .ci/run from vitest's JSON report; ends with 1 when there is no report or something failed.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
try {
  const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  passed = report.numPassedTests;
  // A file that cannot be loaded, or whose hooks fail, counts as one failure: none of its tests has run.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  failed = report.numFailedTests + broken.length;
  // An error outside of any test fails the run as well.
  if (!report.success && failed === 0) failed = 1;
} catch (error) {
  console.error(`The tests left no report: ${error.message}`);
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
