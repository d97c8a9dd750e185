import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import type { Figure } from './measure.ts'

const formatValue = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Math.round(value * 100) / 100)

/** Runs the named benches, all of them without a name; prints a table and writes out/bench/`file`. */
export async function report(
  benches: Readonly<Record<string, () => Promise<readonly Figure[]>>>,
  wanted: readonly string[],
  file: string,
): Promise<void> {
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
  writeFileSync(`out/bench/${file}`, `${JSON.stringify({ at: new Date().toISOString(), load, figures }, null, 2)}\n`)
}
