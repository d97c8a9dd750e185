import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { benchKills } from './kills.ts'
import { benchLive } from './live.ts'
import type { Figure } from './measure.ts'
import { benchReplay } from './replay.ts'
import { benchStartup } from './startup.ts'

/**
 * `npm run bench [-- name…]`: measures and prints a table, and writes out/bench/results.json. Names: startup,
 * replay, live, kills; all of them without one. BENCH_SECONDS sets how long each live run takes (default 20), BENCH_KILLS how
 * many kills (default 50).
 */
const seconds = Number(process.env.BENCH_SECONDS ?? 20)

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  startup: benchStartup,
  replay: benchReplay,
  live: async () => [
    ...(await benchLive(1_000, seconds, 10)),
    ...(await benchLive(10_000, seconds, 100)),
    ...(await benchLive(50_000, seconds, 100)),
  ],
  kills: benchKills,
}

const formatValue = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Math.round(value * 100) / 100)

const wanted = process.argv.slice(2)
const figures: Figure[] = []
const load = loadavg()[0] ?? 0
process.stdout.write(
  `${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, load ${load.toFixed(1)} at the start\n\n`,
)
for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) {
  const bench = benches[name]
  if (!bench) throw new Error(`there is no bench "${name}": ${Object.keys(benches).join(', ')}`)
  for (const figure of await bench()) {
    figures.push(figure)
    process.stdout.write(
      `${figure.bench.padEnd(34)} ${figure.what.padEnd(40)} ${formatValue(figure.value).padStart(12)} ${figure.unit}\n`,
    )
  }
}
mkdirSync('out/bench', { recursive: true })
writeFileSync('out/bench/results.json', `${JSON.stringify({ at: new Date().toISOString(), load, figures }, null, 2)}\n`)
