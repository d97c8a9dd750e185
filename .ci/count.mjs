// Adds up the reports of all steps (one folder a step, `failed` in it where its command failed) and prints the closing line.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = process.argv[2] ?? '.'
const total = { passed: 0, failed: 0, skipped: 0 }

for (const step of readdirSync(root)) {
  let failed = 0
  for (const name of readdirSync(join(root, step)).filter((file) => file.endsWith('.json'))) {
    const report = JSON.parse(readFileSync(join(root, step, name), 'utf8'))
    if (report.stats) {
      // Playwright's: a test that passed at the second try only is none to rely on.
      total.passed += report.stats.expected
      total.skipped += report.stats.skipped
      failed += report.stats.unexpected + report.stats.flaky + report.errors.length
      continue
    }
    // A file that could not be loaded has no test to count.
    const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
    total.passed += report.numPassedTests
    total.skipped += report.numPendingTests + report.numTodoTests
    failed += report.numFailedTests + broken.length
  }
  const isBroken = existsSync(join(root, step, 'failed'))
  if (isBroken) console.log(`failed: ${step}`)
  total.failed += isBroken ? Math.max(1, failed) : failed
}

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed > 0 ? 1 : 0
