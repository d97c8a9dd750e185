import type { Planting } from '../support/planted-code.ts'

/** A bug that somebody might write one day, put into the sources while they are bundled. */
export interface PlantedBug {
  readonly name: string
  /** What is wrong, in one sentence. */
  readonly says: string
  readonly plantings: readonly Planting[]
}

const bug = (name: string, says: string, file: string, find: string, replace: string): PlantedBug => ({
  name,
  says,
  plantings: [{ file, find, replace }],
})

const commitLoop = 'core/pipeline/commit-loop.ts'
const quiet = 'core/pipeline/quiet.ts'
const readLoop = 'core/pipeline/read-loop.ts'
const recovery = 'core/pipeline/recovery.ts'
const retracing = 'core/pipeline/retracing.ts'
const recordNow = 'core/events/record.ts'
const engine = 'core/stream/engine.ts'
const memoryWarehouse = 'core/warehouse/memory/memory-warehouse.ts'

const committing: readonly PlantedBug[] = [
  bug(
    'offset-outside-transaction',
    'the offsets of an epoch are written with the next one',
    commitLoop,
    'offsets: prepared.offsets,',
    'offsets: [...offsets.values()],',
  ),
  bug(
    'fate-not-looked-at',
    'a commit whose answer was lost is tried again without asking what became of it',
    commitLoop,
    'if (isRetry && (await isCommitted(prepared.epoch.epoch))) return',
    '',
  ),
  bug(
    'lost-answer-taken-for-done',
    'a commit without an answer is taken to have been made',
    commitLoop,
    'if (stored === wanted || stored === wanted - 1) return stored === wanted',
    'if (stored === wanted || stored === wanted - 1) return true',
  ),
  bug(
    'quarantine-dropped-at-retry',
    'an epoch that is tried again comes without its quarantined records',
    commitLoop,
    'await warehouse.commit(describeCommit(prepared))',
    'await warehouse.commit({ ...describeCommit(prepared), ...(isRetry ? { quarantined: [] } : {}) })',
  ),
  bug('no-sync-before-commit', 'what is committed may still be lost from the log', commitLoop, 'await log.sync()', ''),
  bug(
    'snapshot-older-than-its-offsets',
    'a snapshot has the offsets of its commit and the state of an earlier one',
    commitLoop,
    'if (next.state) await saveSnapshot(next.state)',
    `if (next.state) {
      const { older = next.state } = parts as { older?: Uint8Array }
      Object.assign(parts, { older: next.state })
      await saveSnapshot(older)
    }`,
  ),
  bug(
    'provisional-rows-published',
    'the user’s table gets provisional rows although only final ones are wanted',
    commitLoop,
    'finalRowsOnly: options.finalRowsOnly,',
    'finalRowsOnly: false,',
  ),
  bug(
    'fence-not-checked',
    'whoever was taken over goes on committing',
    memoryWarehouse,
    'if (tables.owner?.token === token) return tables.owner',
    'if (tables.owner) return tables.owner',
  ),
  bug(
    'older-revision-wins',
    'a row is overwritten by an older one',
    'core/stream/window-store.ts',
    'revision: window.transactions + (final ? 1 : 0),',
    'revision: window.transactions + (final ? 0 : 1),',
  ),
]

const recovering: readonly PlantedBug[] = [
  bug(
    'ids-forgotten-at-restart',
    'no duplicate is found after a restart',
    engine,
    'createDuplicateFinder(options.maxIds, earlier && { ids: earlier.ids, wholeFrom: earlier.idsWholeFrom })',
    'createDuplicateFinder(options.maxIds, null)',
  ),
  bug(
    'readmissions-forgotten-at-restart',
    'a record may be readmitted again after a restart',
    engine,
    'new Set<string>(earlier?.readmitted ?? [])',
    'new Set<string>()',
  ),
  bug(
    'sketch-not-restored',
    'open windows lose their customers at a restart',
    'core/stream/state.ts',
    'const sketch = sketchKind.read(buffer.subarray(at, at + sketchBytes))',
    'const sketch = sketchKind.create()',
  ),
  bug(
    'reading-from-the-snapshot',
    'what lies between the snapshot and the last commit is counted again',
    recovery,
    'reader: log.openReader(progress.offsets), progress,',
    'reader: log.openReader(start?.snapshot.offsets ?? progress.offsets), progress,',
  ),
  bug(
    'no-catching-up',
    'the state of the snapshot is taken for that of the last commit',
    recovery,
    'from, epochs)\n  let reread = 0',
    'from, epochs)\n  let reread = 0\n  if (snapshot) return reread',
  ),
  bug(
    'idle-close-not-in-recovery',
    'windows closed by the clock are open again after a restart',
    retracing,
    `if (order === 'log') return await warehouse.listIdleEpochs(fromEpoch)`,
    `if (order === 'log') return []`,
  ),
  bug(
    'last-idle-close-forgotten',
    'an idle close that nothing follows is left out of recovery',
    retracing,
    '  yield* dueBefore(untilSequence)\n}',
    '}',
  ),
  bug(
    'read-instant-forgotten',
    'records are judged by the time of recovery, not by that of their epoch',
    retracing,
    `yield { kind: 'records', records, readAtMs: epoch.readAtMs }`,
    `yield { kind: 'records', records, readAtMs: Number.MAX_SAFE_INTEGER }`,
  ),
  bug(
    'stretch-begins-at-its-first-record',
    'where reading began is lost when a partition begins with offsets that have no record',
    'core/pipeline/ranges.ts',
    'from: findNext(record) ?? offset,',
    'from: offset,',
  ),
]

const pacing: readonly PlantedBug[] = [
  bug(
    'order-not-by-sequence',
    'the records of an epoch are taken by partition',
    readLoop,
    'await reading.decode(records, readAtMs)',
    'await reading.decode(records.toSorted((a, b) => a.partition - b.partition), readAtMs)',
  ),
  bug(
    'record-skipped-at-epoch-border',
    'the last record of a full epoch is lost',
    readLoop,
    'const records = await readPatiently(() => reader.read(options.epochRecords, readBytes))',
    'const records = (await readPatiently(() => reader.read(options.epochRecords, readBytes))).slice(0, options.epochRecords - 1)',
  ),
  bug(
    'idle-in-an-outage',
    'windows are closed by the clock while a partition cannot be read',
    quiet,
    'if (isFull || wasHeld || isWaiting ||',
    'if (isFull || wasHeld ||',
  ),
  bug(
    'idle-in-sleep',
    'the time a machine has slept counts as quiet',
    quiet,
    'if (isFull || wasHeld || isWaiting ||',
    'if (isFull || isWaiting ||',
  ),
  bug(
    'idle-without-lateness',
    'the clock closes windows that late sales may still come for',
    readLoop,
    'Math.floor((readAtMs - options.latenessMs) / options.windowSizeMs)',
    'Math.floor(readAtMs / options.windowSizeMs)',
  ),
  bug(
    'future-by-wall-clock',
    'an event in the future is accepted when it is read late',
    recordNow,
    'if (!isProducerTime) return appendedAtMs',
    'if (!isProducerTime) return readAtMs',
  ),
  bug(
    'producer-time-believed',
    'a producer’s clock decides what is in the future',
    recordNow,
    'return appendedAtMs < 0 ? readAtMs : Math.min(appendedAtMs, readAtMs)',
    'return appendedAtMs < 0 ? readAtMs : appendedAtMs',
  ),
]

const counting: readonly PlantedBug[] = [
  bug(
    'late-by-start',
    'a sale is late when its window’s start has passed',
    engine,
    'if (watermarkMs !== null && endMs <= watermarkMs) {',
    'if (watermarkMs !== null && endMs - windowSizeMs <= watermarkMs) {',
  ),
  bug(
    'late-a-millisecond-later',
    'a sale whose window ends right at the watermark is not late',
    engine,
    'if (watermarkMs !== null && endMs <= watermarkMs) {',
    'if (watermarkMs !== null && endMs < watermarkMs) {',
  ),
  {
    name: 'watermark-steps-per-epoch',
    says: 'lateness is decided by the watermark of the epoch’s beginning',
    plantings: [
      {
        file: engine,
        find: '  let applied = 0\n',
        replace: '  let applied = 0\n  let atBeginning: number | null = null\n',
      },
      { file: engine, find: 'const watermarkMs = watermark.ms\n', replace: 'const watermarkMs = atBeginning\n' },
      {
        file: engine,
        find: 'for (const item of records) applyRecord(item, readAtMs)',
        replace: 'atBeginning = watermark.ms\n      for (const item of records) applyRecord(item, readAtMs)',
      },
    ],
  },
  bug(
    'watermark-moved-by-other-topics',
    'customer events and inventory updates move the watermark too',
    engine,
    'noteReading(decoded, false)',
    'noteReading(decoded, false)\n        if (watermark.observe(decoded.eventTimeMs)) closePassedWindows()',
  ),
  bug(
    'ids-forgotten-a-window-early',
    'the ids of the last window before the watermark are forgotten',
    engine,
    'ids.forgetBelow(passed)',
    'ids.forgetBelow(passed + 1)',
  ),
  bug(
    'one-id-too-many',
    'the bound on remembered ids is exceeded by one',
    'core/stream/duplicates.ts',
    'ids.size >= maxIds ?',
    'ids.size > maxIds ?',
  ),
  bug(
    'tombstone-invalid',
    'a tombstone is counted as a record that is no JSON',
    engine,
    `counters.receive(record.topic, 'tombstone')`,
    `counters.reject(record.topic, 'not_json')`,
  ),
  bug(
    'readmission-received-again',
    'a record that counts after all is received a second time',
    engine,
    `counters.move(topic, readmission.was, repeated ? 'duplicate' : 'counted', readmission.reason)`,
    `counters.receive(topic, repeated ? 'duplicate' : 'counted')`,
  ),
  bug(
    'readmitted-twice',
    'a record counts as often as it is readmitted',
    engine,
    'if (readmitted.has(key) || !isEventTopic(topic)) return',
    'if (!isEventTopic(topic)) return',
  ),
  bug(
    'cents-by-float',
    'amounts are rounded as binary fractions',
    'core/events/amount.ts',
    'if (cents / 100 === value && Math.abs(cents) < centsLimit) {',
    'if (Math.abs(cents) < centsLimit) {',
  ),
]

const comparing: readonly PlantedBug[] = [
  bug(
    'parity-drops-by-its-own-watermark',
    'in parity a batch drops as late what ends before its own watermark, not that of the batch before',
    'core/parity/watermark-steps.ts',
    'lateUntilMs: rules.allowsMultiple ? state.watermarkMs : finalUntilMs',
    'lateUntilMs: finalUntilMs',
  ),
  bug(
    'parity-closes-a-batch-late',
    'in parity a batch closes its windows by the watermark of the batch before',
    'core/parity/watermark-steps.ts',
    'const finalUntilMs = recordedMs ?? replayedMs',
    'const finalUntilMs = recordedMs ?? state.watermarkMs',
  ),
]

export const plantedBugs: readonly PlantedBug[] = [...committing, ...recovering, ...pacing, ...counting, ...comparing]
