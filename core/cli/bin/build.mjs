// `npm run build`: builds; without `--force` only if sources changed; `--clean` takes earlier builds away first.
import { rmSync } from 'node:fs'
import { buildIfStale } from './bundle.mjs'
import { outFolder } from './freshness.mjs'

const options = process.argv.slice(2)

try {
  const startedAt = performance.now()
  if (options.includes('--clean')) rmSync(outFolder, { recursive: true, force: true })
  const built = await buildIfStale({ force: options.includes('--force') })
  if (built) process.stderr.write(`built in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`)
} catch (error) {
  process.stderr.write(`the build failed: ${error.message}\n`)
  process.exitCode = 1
}
