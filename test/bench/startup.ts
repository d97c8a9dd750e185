import { type Figure, makeHome, run } from './measure.ts'

/** P7: from the start of the process to its first number, on a data directory that is there already. */
export async function benchStartup(): Promise<readonly Figure[]> {
  const { home, remove } = makeHome()
  try {
    const firsts: number[] = []
    for (let round = 0; round < 6; round += 1) {
      const ran = await run(home, ['run', '--duration', '2s', '--json', '--set', 'generator.rate=100'])
      firsts.push(ran.firstLineMs ?? Number.NaN)
    }
    const later = firsts.slice(1).sort((left, right) => left - right)
    const figure = (what: string, value: number): Figure => ({ bench: 'startup', what, value, unit: 'ms' })
    return [
      figure('first launch → first number', firsts[0] ?? Number.NaN),
      figure('later launches, median', later[Math.floor(later.length / 2)] ?? Number.NaN),
      figure('later launches, slowest', later.at(-1) ?? Number.NaN),
    ]
  } finally {
    remove()
  }
}
