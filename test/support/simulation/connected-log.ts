import type { LogRecord } from '../../../core/events/record.ts'
import { salesTopic } from '../../../core/events/topics.ts'
import type { EventLog, LogReader, WaitingPartition } from '../../../core/log/log.ts'
import { type Call, createCall } from './port.ts'
import type { SimulatedProcess } from './process.ts'
import type { World } from './world.ts'

/** A log as one process reaches it. */
export function connectLog(world: World, process: SimulatedProcess, log: EventLog): EventLog {
  const call = createCall(world, process, () => 0)
  const ask = createCall(world, process, () => world.outages.logUntilMs)
  return {
    ...log,
    append: (records, stamp) =>
      ask(
        'append',
        async () => {
          await log.append(records, stamp)
          world.wakeReaders()
        },
        { risk: 1, isRepeatable: true },
      ),
    sync: () => call('sync', () => log.sync(), { risk: 0.5 }),
    readAt: (ref) => ask('look up', () => log.readAt(ref), { risk: 0.3 }),
    openReader: (from, epochs) =>
      connectReader(world, process, log, call, log.openReader(from, epochs), epochs !== undefined),
  }
}

function connectReader(
  world: World,
  process: SimulatedProcess,
  log: EventLog,
  call: Call,
  reader: LogReader,
  isRetracing: boolean,
): LogReader {
  const { scheduler, witness } = world
  const isServer = log.order === 'ledger'
  let waitingFor: readonly WaitingPartition[] = []
  witness.noteDisturbed(process)

  const noteRead = (records: readonly LogRecord[]): readonly LogRecord[] => {
    if (records.some(({ topic }) => topic === salesTopic)) witness.noteDisturbed(process)
    if (records.length === 0) witness.notePoll(process)
    return records
  }
  const waitOutOutage = async (): Promise<void> => {
    while (scheduler.nowMs < world.outages.logUntilMs) await process.hop(world.outages.logUntilMs - scheduler.nowMs)
  }

  return {
    async read(maxRecords, maxBytes) {
      waitingFor = []
      if (scheduler.nowMs < world.outages.logUntilMs) {
        if (isServer && !isRetracing) {
          // A broker is away: what the others give must not pass what it holds.
          waitingFor = [{ topic: salesTopic, partition: 0, reason: 'its broker is away' }]
          witness.noteDisturbed(process)
          await process.hop(1)
          return []
        }
        await waitOutOutage()
      }
      const records = await call('read', () => reader.read(maxRecords, maxBytes), {
        risk: 0.2,
        mayFail: !isServer,
        // Whoever reads again goes on behind what it was given.
        mayLoseAnswer: false,
      })
      return noteRead(records)
    },
    async waitForMore(timeoutMs, signal) {
      if (waitingFor.length === 0 && log.describe().endSequence > reader.nextSequence) return await process.hop(1)
      await process.rest(timeoutMs, signal, world.sleepers)
    },
    get nextSequence() {
      return reader.nextSequence
    },
    startedAt: reader.startedAt,
    get waitingFor() {
      return waitingFor
    },
    close: () => reader.close(),
  }
}
