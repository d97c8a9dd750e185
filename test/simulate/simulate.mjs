// `npm run simulate -- --seeds 10000 --from 1` lives seeds; `npm run simulate -- --planted` looks whether bugs are found.
import { join } from 'node:path'
import { runnerImport } from 'vite'

const { module } = await runnerImport(join(import.meta.dirname, 'simulate.ts'), {
  configFile: false,
  logLevel: 'error',
})
process.exitCode = await module.simulate(process.argv.slice(2))
