import { defineConfig } from 'vitest/config';

const tests = ['{src,schema,workflows}/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'];
const pure = ['src/domain/**/*.test.ts'];
const faults = ['test/faults/**/*.test.ts', 'test/chaos/chaos.test.ts', 'test/cli/**/*.test.ts'];
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    // Node itself strips the types, in tests as in production.
    experimental: { viteModuleRunner: false },
    testTimeout: 60_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    coverage: {
      include: ['src/domain/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text'],
      thresholds: { 100: true },
    },
    projects: [
      { extends: true, test: { name: 'domain', include: pure } },
      {
        extends: true,
        test: {
          name: 'longhaul',
          include: tests,
          exclude: [...pure, ...faults],
          globalSetup: 'test/support/global-setup.ts',
        },
      },
      {
        // Each of these kills servers of its own: alone on the machine, after everything else.
        extends: true,
        test: {
          name: 'faults',
          include: faults,
          testTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
