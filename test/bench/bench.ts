import { benchCluster } from './cluster.ts'
import { benchKafkaRead } from './kafka-read.ts'
import { benchLive } from './live.ts'
import type { Figure } from './measure.ts'
import { benchOutage } from './outage.ts'
import { benchMutate } from './mutate.ts'
import { benchPoison } from './poison.ts'
import { benchPostgresCommit } from './postgres-commit.ts'
import { benchReplay } from './replay.ts'
import { report } from './report.ts'
import { benchStartup } from './startup.ts'

/**
 * `npm run bench [-- name…]`: measures and prints a table, and writes out/bench/results.json. Names: startup,
 * replay, live, kafka, cluster, postgres, poison, mutate, outage; all of them without one. BENCH_SECONDS sets how long each
 * live run takes (default 20), BENCH_MESSAGES how many mutated messages (default 1,000,000).
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
  kafka: benchKafkaRead,
  cluster: benchCluster,
  postgres: benchPostgresCommit,
  poison: benchPoison,
  mutate: benchMutate,
  outage: benchOutage,
}

await report(benches, process.argv.slice(2), 'results.json')
