import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const project = (name: string, timeoutMs: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
  },
})

/** Where `.ci/run` collects what ran; one file a run, so that none overwrites another's. */
const reports = process.env['TEST_REPORTS']

export default defineConfig({
  test: {
    // Most tests of processes and servers wait; with one file at a time half of a small machine would wait with them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: ['test/support/services/run.ts'],
    reporters: reports ? ['default', ['json', { outputFile: `${reports}/${process.pid}.json` }]] : ['default'],
    projects: [
      project('unit', 20_000),
      project('layers', 30_000),
      project('contract', 60_000),
      project('simulation', 170_000),
      project('simulate', 170_000),
      project('integration', 300_000),
      project('e2e', 300_000),
    ],
  },
})
