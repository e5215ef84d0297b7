import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'operator/**/*.test.ts',
            'hack/**/*.test.ts',
            'test/architecture/**/*.test.ts',
            'test/races/**/*.test.ts',
            'test/support/**/*.test.ts',
            'test/e2e/*.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/forget-access.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
      {
        // Not of `make test`: make e2e, make e2e-kind.
        test: {
          name: 'e2e',
          include: ['test/e2e/suite/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
