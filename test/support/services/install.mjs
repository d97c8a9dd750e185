// `node test/support/services/install.mjs [SERVICE…]`: installs what the tests start, all of it or what is named.
import { join } from 'node:path'
import { runnerImport } from 'vite'

const { module } = await runnerImport(join(import.meta.dirname, 'install.ts'), { configFile: false, logLevel: 'error' })
const asked = process.argv.slice(2)
const unheard = asked.filter((name) => !module.serviceNames.includes(name))
if (unheard.length > 0) {
  process.stderr.write(`no service is called ${unheard.join(', ')}; there are ${module.serviceNames.join(', ')}\n`)
  process.exit(2)
}
module.installServices(asked.length > 0 ? asked : undefined)
const missing = Object.entries(module.serviceAvailability()).filter(
  ([name, reason]) => reason !== null && (asked.length === 0 || asked.includes(name)),
)
for (const [name, reason] of missing) process.stderr.write(`${name} cannot be started here: ${reason} is missing\n`)
process.exitCode = missing.length > 0 ? 1 : 0
