import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createRandom } from '../../core/base/random.ts'
import { type Figure, makeHome, run } from './measure.ts'

const bin = join(process.cwd(), 'core/cli/bin/storepulse.mjs')
const records = 150_000
const table =
  'SELECT window_start, store_id, total_transactions, total_revenue, unique_customers, avg_transaction_value FROM transactions_summary ORDER BY window_start, store_id'

/** Starts a catch-up and kills it without warning after a while; resolves when it is gone, true if it had finished. */
function runAndKill(home: string, afterMs: number): Promise<boolean> {
  // Small epochs and eager snapshots: many commits, so that a kill falls anywhere in one.
  const settings = ['--set', 'pipeline.epochRecords=400', '--set', 'pipeline.snapshotMs=100']
  const child = spawn(process.execPath, [bin, 'run', '--until-caught-up', '--json', ...settings], {
    env: { ...process.env, STOREPULSE_HOME: home },
    stdio: 'ignore',
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve(code === 0)
    })
  })
}

const fillLog = (home: string): Promise<unknown> => {
  const disorder = ['--disorder', 'late=0.05,duplicate=0.05,invalid=0.02']
  return run(home, ['generate', '--seed', '7', '--count', String(records), '--rate', '100', '--to', 'log', ...disorder])
}

async function digestTable(home: string): Promise<string> {
  const { lines } = await run(home, ['query', table, '--json'])
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

/** R1, embedded: the table after many kills at random instants equals that of an unbroken run over the same records. */
export async function benchKills(): Promise<readonly Figure[]> {
  const kills = Number(process.env.BENCH_KILLS ?? 50)
  const broken = makeHome()
  const whole = makeHome()
  try {
    await fillLog(broken.home)
    await fillLog(whole.home)
    await run(whole.home, ['run', '--until-caught-up', '--json'])
    const random = createRandom(kills, 'kills')
    let finished = 0
    for (let kill = 0; kill < kills; kill += 1) {
      if (await runAndKill(broken.home, 350 + random.nextInt(900))) finished += 1
    }
    await run(broken.home, ['run', '--until-caught-up', '--json'])
    const same = (await digestTable(broken.home)) === (await digestTable(whole.home))
    const figure = (what: string, value: number, unit: string): Figure => ({ bench: 'kills', what, value, unit })
    return [
      figure('SIGKILLs while it caught up', kills - finished, 'kills'),
      figure('runs that were done before the kill', finished, 'runs'),
      figure('final tables differing from the unbroken run', same ? 0 : 1, 'tables'),
    ]
  } finally {
    broken.remove()
    whole.remove()
  }
}
