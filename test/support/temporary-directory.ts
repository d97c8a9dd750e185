import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty directory of the running test's own; it goes when the test ends. */
export function makeTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'storepulse-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
