import { type CrashPoint, die, dieIfDue, isDue, pointAfter, pointAt, pointBefore, pointDuring } from './point.ts'

const commit = 'core/warehouse/duckdb/commit.ts'
const snapshots = 'core/warehouse/duckdb/snapshots.ts'
const segments = 'core/log/segment'
const writer = `${segments}/partition-writer.ts`

/** Points in the log and the warehouse on this machine's disk. */
export const embeddedPoints: readonly CrashPoint[] = [
  pointBefore(
    { name: 'rows-not-ledgers', meaning: 'inside a commit: windows are written, ledgers are not', file: commit },
    'await appendLedgers(session, commit)',
  ),
  pointBefore(
    {
      name: 'ledgers-not-offsets',
      meaning: 'inside a commit: ledgers are written, counters and offsets are not',
      file: commit,
    },
    'const values = [...listCounters(commit.counters), ...listOffsets(commit.offsets)]',
  ),
  pointBefore(
    { name: 'offsets-not-epoch', meaning: 'inside a commit: offsets are written, the epoch is not', file: commit },
    'await insertEpoch(session, commit.epoch)',
  ),
  pointBefore(
    { name: 'written-not-committed', meaning: 'inside a commit: everything but COMMIT', file: commit },
    'return { rows, committed: { windowSizeMs: before.windowSizeMs, numbers } }',
  ),
  pointAt(
    {
      name: 'readmission-marked',
      meaning: 'inside a commit: a record that counts after all is marked, its counters are not moved',
      file: commit,
      occasion: 'readmission',
      often: 1,
    },
    'await markReadmitted(session, commit.readmitted, commit.committedAtMs)',
    `await markReadmitted(session, commit.readmitted, commit.committedAtMs)
    if (commit.readmitted.length > 0) { ${dieIfDue('readmission-marked')} }`,
  ),
  pointDuring(
    { name: 'commit-under-way', meaning: 'DuckDB carries out a COMMIT', file: 'core/duckdb/session.ts', often: 30 },
    "await connection.run('COMMIT')",
    '',
    "connection.run('COMMIT')",
  ),
  pointDuring(
    {
      name: 'checkpoint-under-way',
      meaning: 'DuckDB folds its write-ahead log into the file',
      file: 'core/warehouse/duckdb/checkpoints.ts',
      often: 3,
    },
    "await session.run('CHECKPOINT')",
    '',
    "session.run('CHECKPOINT')",
  ),
  pointAt(
    { name: 'snapshot-half-written', meaning: 'half of a recovery snapshot is in its file', file: snapshots, often: 3 },
    'for (const part of parts) await handle.writeFile(part)',
    `for (const part of parts) {
      if (part === parts.at(-1) && ${isDue('snapshot-half-written')}) {
        await handle.writeFile(part.subarray(0, part.length >> 1))
        ${die}
      }
      await handle.writeFile(part)
    }`,
  ),
  pointBefore(
    {
      name: 'snapshot-not-renamed',
      meaning: 'a recovery snapshot is whole, under its working name',
      file: snapshots,
      often: 3,
    },
    'await rename(next, join(folder, name))',
  ),
  pointBefore(
    {
      name: 'snapshot-not-pruned',
      meaning: 'a new recovery snapshot is there, the old ones are too',
      file: snapshots,
      often: 3,
    },
    'for (const epoch of (await listEpochs(folder)).slice(kept))',
  ),
  pointAfter(
    {
      name: 'migrating',
      meaning: 'inside a migration of the schema',
      file: 'core/warehouse/duckdb/migrate.ts',
      occasion: 'first-start',
      often: 1,
    },
    'await session.run(migration.sql)',
  ),
  pointAt(
    { name: 'frame-half-written', meaning: 'half of a frame is in a segment', file: writer, often: 20 },
    'await open.write(bytes, length, last().sizeBytes)',
    `if (${isDue('frame-half-written')}) { await open.write(bytes, length >> 1, last().sizeBytes); ${die} }
      await open.write(bytes, length, last().sizeBytes)`,
  ),
  pointAt(
    {
      name: 'some-frames-written',
      meaning: 'an append is in one of its partitions, not in the others',
      file: `${segments}/append.ts`,
    },
    'const writes = touched.map(({ writer, builder }) => writer.write(builder.frame, builder.length))',
    `if (touched.length > 1 && ${isDue('some-frames-written')}) {
    await touched[0].writer.write(touched[0].builder.frame, touched[0].builder.length)
    ${die}
  }
  const writes = touched.map(({ writer, builder }) => writer.write(builder.frame, builder.length))`,
  ),
  pointBefore(
    {
      name: 'frames-not-published',
      meaning: 'an append is written whole, nobody knows of it',
      file: `${segments}/append.ts`,
    },
    'publishFrames(state, touched, records.length)',
  ),
  pointBefore(
    {
      name: 'files-synced-not-marked',
      meaning: 'segments are synced, the synced point is the old one',
      file: `${segments}/sync.ts`,
    },
    'await state.newNames.sync()',
  ),
  pointAt(
    {
      name: 'synced-point-half-written',
      meaning: 'half of the synced point is in its file',
      file: `${segments}/synced-marker.ts`,
    },
    'await file.write(slot, slot.length, (1 - durableSlot) * slotBytesOf(partitions))',
    `if (${isDue('synced-point-half-written')}) {
      await file.write(slot, slot.length >> 1, (1 - durableSlot) * slotBytesOf(partitions))
      ${die}
    }
    await file.write(slot, slot.length, (1 - durableSlot) * slotBytesOf(partitions))`,
  ),
  pointBefore(
    {
      name: 'segment-rolling',
      meaning: 'a segment is full and closed, its index and the next one are not there',
      file: writer,
      often: 2,
    },
    'if (!segment.isDamaged) await writeSidecar(files, segment)',
  ),
  pointAt(
    {
      name: 'index-half-written',
      meaning: 'half of a segment’s index is in its file',
      file: `${segments}/sidecar.ts`,
      often: 2,
    },
    'await file.write(bytes, bytes.length, 0)',
    `if (${isDue('index-half-written')}) { await file.write(bytes, bytes.length >> 1, 0); ${die} }
    await file.write(bytes, bytes.length, 0)`,
  ),
  pointAfter(
    {
      name: 'log-half-repaired',
      meaning: 'torn ends are cut from some partitions',
      file: `${segments}/open-partitions.ts`,
      often: 5,
    },
    'const segments = await repairPartition(files, verdict, trustedSequence)',
  ),
  pointAfter(
    {
      name: 'readmissions-not-synced',
      meaning: 'the word that records are to count after all is in the log, maybe not durable',
      file: 'core/pipeline/ledger.ts',
      occasion: 'asking-readmission',
      often: 1,
    },
    'for (const ref of refs) results.push(await readmitOne(ref, from, by))',
  ),
]
