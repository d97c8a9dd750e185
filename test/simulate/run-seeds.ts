import { simulateSeed } from '../support/simulation/simulate-seed.ts'

/**
 * `node run-seeds.mjs FROM COUNT STEP [first]`: lives COUNT seeds, each STEP after the one before, and writes a report a
 * line; with `first` it ends at the first one in which something was wrong.
 */
const [from = 1, count = 1, step = 1] = process.argv.slice(2, 5).map(Number)
const stopsAtFirst = process.argv[5] === 'first'
for (let index = 0; index < count; index += 1) {
  const report = await simulateSeed(from + index * step)
  process.stdout.write(`${JSON.stringify(report)}\n`)
  if (stopsAtFirst && report.violations.length > 0) break
}
