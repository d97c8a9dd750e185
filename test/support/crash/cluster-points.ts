import { type CrashPoint, dieIfDue, pointAfter, pointAt, pointBefore, pointDuring } from './point.ts'

const commit = 'core/warehouse/postgres/commit.ts'
const snapshots = 'core/warehouse/postgres/snapshots.ts'

/** Points where Kafka is read and PostgreSQL is written. */
export const clusterPoints: readonly CrashPoint[] = [
  pointBefore(
    { name: 'fence-held', meaning: 'inside a commit: the owner’s row is locked, nothing is written', file: commit },
    'const stored = await findAmended(session, commit.amendments)',
  ),
  pointBefore(
    {
      name: 'upserted-not-counted',
      meaning: 'inside a commit: rows are upserted, counters and offsets are not',
      file: commit,
    },
    'const numbers = await writeLedgers(session, commit, before.numbers)',
  ),
  pointBefore(
    { name: 'counted-not-committed', meaning: 'inside a commit: everything but COMMIT', file: commit },
    'return { rows, committed: { ...before, numbers } }',
  ),
  pointDuring(
    {
      name: 'commit-sent',
      meaning: 'COMMIT is sent, its answer has not come',
      file: 'core/warehouse/postgres/session.ts',
      often: 30,
    },
    "const result = await send('COMMIT')",
    'const result = ',
    "send('COMMIT')",
  ),
  pointBefore(
    { name: 'snapshot-begun', meaning: 'no piece of a recovery snapshot is written', file: snapshots, often: 3 },
    'const head = [JSON.stringify(offsets), String(untilSequence)]',
  ),
  pointBefore(
    {
      name: 'pieces-not-pruned',
      meaning: 'a recovery snapshot is whole, the old ones are there too',
      file: snapshots,
      often: 3,
    },
    'await runWrite(dropOldSql, [])',
  ),
  pointBefore(
    {
      name: 'before-group-offsets',
      meaning: 'the transaction has ended, lag tools are about to be told',
      file: 'core/pipeline/group-offsets.ts',
      often: 1,
    },
    'await commitOffsets(positions)',
  ),
  pointAfter(
    {
      name: 'schema-half-made',
      meaning: 'inside a migration of the schema',
      file: 'core/warehouse/postgres/migrate.ts',
      occasion: 'first-start',
      often: 1,
    },
    'await session.script(adoption ? withoutSummary(migration.sql) : migration.sql)',
  ),
  pointAt(
    {
      name: 'readmission-not-queued',
      meaning: 'records that count after all are read again, their epoch is not handed over',
      file: 'core/pipeline/read-loop.ts',
      occasion: 'readmission',
      often: 1,
    },
    'const read = await reading.readAgain(readmissions, readAtMs)',
    `const read = await reading.readAgain(readmissions, readAtMs)
    if (read.length > 0) { ${dieIfDue('readmission-not-queued')} }`,
  ),
]
