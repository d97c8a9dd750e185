// `npm run build`: builds; without `--force` only if sources changed.
import { buildIfStale } from './bundle.mjs'

try {
  const startedAt = performance.now()
  const built = await buildIfStale({ force: process.argv.includes('--force') })
  if (built) process.stderr.write(`built in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`)
} catch (error) {
  process.stderr.write(`the build failed: ${error.message}\n`)
  process.exitCode = 1
}
