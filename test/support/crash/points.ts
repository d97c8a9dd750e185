import { clusterPoints } from './cluster-points.ts'
import { embeddedPoints } from './embedded-points.ts'
import { type CrashPoint, pointAfter, pointBefore } from './point.ts'

const readLoop = 'core/pipeline/read-loop.ts'
const commitLoop = 'core/pipeline/commit-loop.ts'
const recovery = 'core/pipeline/recovery.ts'

/** Points on the way of every pipeline, whatever log and warehouse it has. */
const commonPoints: readonly CrashPoint[] = [
  pointAfter(
    { name: 'read-not-applied', meaning: 'records are read and decoded, the engine has not seen them', file: readLoop },
    'const read = await readPatiently(() => readStretch(records, readAtMs))',
  ),
  pointBefore(
    { name: 'applied-not-queued', meaning: 'the engine has counted what nobody else knows of', file: readLoop },
    'const firstOffsets = listFirstOffsets(ranges)',
  ),
  pointAfter(
    {
      name: 'idle-closed-not-queued',
      meaning: 'windows are closed by the clock, the epoch that says so is not handed over',
      file: readLoop,
      occasion: 'idle',
      often: 1,
    },
    'const outcome = engine.closeIdle(dueMs)',
  ),
  pointBefore(
    {
      name: 'before-log-sync',
      meaning: 'an epoch is about to be committed, its records may not be durable',
      file: commitLoop,
    },
    'await log.sync()',
  ),
  pointBefore(
    { name: 'synced-not-committed', meaning: 'its records are durable, the commit has not begun', file: commitLoop },
    'await warehouse.commit(describeCommit(prepared))',
  ),
  pointAfter(
    { name: 'committed-not-noted', meaning: 'the transaction has ended, memory does not say so', file: commitLoop },
    'await commit(next)',
  ),
  pointBefore(
    {
      name: 'owned-not-announced',
      meaning: 'the lock is held, nobody is told by whom',
      file: 'core/pipeline/owner.ts',
      often: 1,
    },
    `const next = \`\${paths.ownerFile}.next\``,
  ),
  pointBefore(
    {
      name: 'before-claim',
      meaning: 'the warehouse is open and still the last owner’s',
      file: 'core/pipeline/supervisor.ts',
      often: 1,
    },
    'const token = await parts.claim(warehouse)',
  ),
  pointBefore(
    {
      name: 'claimed-not-recovered',
      meaning: 'the token is ours, no state is loaded',
      file: 'core/pipeline/supervisor.ts',
      often: 1,
    },
    'const recovered = await parts.recover(warehouse)',
  ),
  pointBefore(
    { name: 'before-snapshot-load', meaning: 'progress is known, the snapshot is not read', file: recovery, often: 1 },
    'const start = await openSnapshot(inputs, progress)',
  ),
  pointAfter(
    {
      name: 'rereading',
      meaning: 'the log is gone over from the snapshot to the last commit',
      file: recovery,
      often: 1,
    },
    'reread += records.length',
  ),
  pointBefore(
    { name: 'recovered-not-running', meaning: 'state is as it was, no loop has begun', file: recovery, often: 1 },
    'engine.adoptCounters(progress.counters)',
  ),
  pointBefore(
    {
      name: 'stopped-without-last-snapshot',
      meaning: 'both loops have ended, the last state is not saved',
      file: 'core/pipeline/pipeline.ts',
      occasion: 'stop',
      often: 1,
    },
    'await commitLoop.saveFinalSnapshot(recovered)',
  ),
  pointBefore(
    {
      name: 'stopped-not-released',
      meaning: 'everything is saved, the warehouse is still claimed',
      file: 'core/pipeline/duty.ts',
      occasion: 'stop',
      often: 1,
    },
    'if (running) await giveUp(running.warehouse)',
  ),
]

export type Place = 'embedded' | 'cluster'

/** All points that a run comes by there. */
export const pointsOf = (place: Place): readonly CrashPoint[] => [
  ...commonPoints,
  ...(place === 'embedded' ? embeddedPoints : clusterPoints),
]

/** All there are. */
export const allPoints: readonly CrashPoint[] = [...commonPoints, ...embeddedPoints, ...clusterPoints]
