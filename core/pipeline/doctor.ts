import { access, constants, mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError, Fault, toFault } from '../base/fault.ts'
import type { BuildInputs } from './build.ts'
import { openLocalWarehouse } from './local-warehouse.ts'
import { openLocalLog } from './places.ts'
import { examineConnections } from './doctor-connections.ts'
import { readOwner, takeOwnership } from './owner.ts'

/** One step of an examination. */
export interface Finding {
  readonly step: string
  readonly verdict: 'ok' | 'warning' | 'failed'
  readonly message: string
  /** What to do about it; null when all is well. */
  readonly fix: string | null
}

const lowDiskBytes = 1_073_741_824
/** Files the log and the warehouse may hold open together, with room to spare. */
const fewestFiles = 1_024
const earliestSaneMs = Date.UTC(2024, 0, 1)

const passed = (step: string, message: string): Finding => ({ step, verdict: 'ok', message, fix: null })
const gigabytes = (bytes: number): string => `${(bytes / 1_073_741_824).toFixed(1)} GiB`

async function examineDirectory({ paths }: BuildInputs): Promise<Finding> {
  const step = 'data directory'
  try {
    await mkdir(paths.root, { recursive: true, mode: 0o700 })
    await access(paths.root, constants.R_OK | constants.W_OK)
    const trial = join(paths.root, `.trial-${process.pid}`)
    await writeFile(trial, 'written and read back')
    await rm(trial)
    return passed(step, `${paths.root} can be written`)
  } catch (error) {
    const fix = 'make it writable, or choose another with --data-dir or STOREPULSE_HOME'
    return { step, verdict: 'failed', message: `${paths.root}: ${describeError(error)}`, fix }
  }
}

async function examineDisk({ paths }: BuildInputs): Promise<Finding> {
  const step = 'disk'
  try {
    const { bavail, bsize } = await statfs(paths.root)
    const freeBytes = bavail * bsize
    if (freeBytes >= lowDiskBytes) return passed(step, `${gigabytes(freeBytes)} free`)
    return {
      step,
      verdict: 'warning',
      message: `only ${gigabytes(freeBytes)} free`,
      fix: 'free some space, or lower log.retentionBytes',
    }
  } catch (error) {
    return { step, verdict: 'failed', message: describeError(error), fix: 'choose a data directory on another disk' }
  }
}

async function examineFileLimit(): Promise<Finding> {
  const step = 'open files'
  if (process.platform !== 'linux') return passed(step, 'no limit to check on this platform')
  const limits = await readFile('/proc/self/limits', 'utf8')
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN)
  if (!(limit < fewestFiles)) return passed(step, `limit ${Number.isNaN(limit) ? 'unlimited' : limit}`)
  return { step, verdict: 'warning', message: `limit ${limit} is low`, fix: `raise it: ulimit -n ${fewestFiles}` }
}

function examineClock({ clock }: BuildInputs): Finding {
  const nowMs = clock.nowMs()
  const now = new Date(nowMs).toISOString()
  if (nowMs >= earliestSaneMs) return passed('clock', now)
  return { step: 'clock', verdict: 'failed', message: `the machine’s clock says ${now}`, fix: 'set the clock' }
}

async function examineLog(inputs: BuildInputs): Promise<Finding> {
  const step = 'log'
  const log = await openLocalLog(inputs)
  try {
    const { damage, partitions, startSequence, endSequence, sizeBytes } = log.describe()
    const corrupt = damage.filter(({ kind }) => kind === 'corrupt')
    if (corrupt.length === 0) {
      return passed(
        step,
        `${endSequence - startSequence} records in ${partitions.length} partitions, ${gigabytes(sizeBytes)}`,
      )
    }
    const where = corrupt.map(
      ({ topic, partition, fromOffset, untilOffset }) =>
        `${topic}/${partition} ${fromOffset ?? '?'}–${untilOffset ?? '?'}`,
    )
    return {
      step,
      verdict: 'failed',
      message: `damaged: ${where.join(', ')}`,
      fix: 'restore these files from a backup; the rest can be used',
    }
  } finally {
    await log.close()
  }
}

async function examineWarehouse(inputs: BuildInputs): Promise<Finding> {
  const warehouse = await openLocalWarehouse(inputs)
  try {
    const stats = await warehouse.readStats()
    return passed('warehouse', `${stats.windows} windows of ${stats.stores} stores`)
  } finally {
    await warehouse.close()
  }
}

/** Runs a step; a fault is its finding. */
async function attempt(
  step: string,
  inputs: BuildInputs,
  examineStep: (inputs: BuildInputs) => Promise<Finding>,
): Promise<Finding> {
  try {
    return await examineStep(inputs)
  } catch (error) {
    const fault = toFault(error, step)
    const fix =
      fault.code === 'warehouse-damaged' ? 'start Storepulse: it is moved aside and rebuilt from the log' : fault.hint
    return { step, verdict: 'failed', message: fault.message, fix: fix ?? 'see the message' }
  }
}

async function* examineContents(inputs: BuildInputs): AsyncGenerator<Finding, void, void> {
  const hold = await takeOwnership(inputs.paths)
  if (!hold) {
    const owner = await readOwner(inputs.paths)
    const message = owner
      ? `process ${owner.processId} (${owner.command}) runs on it since ${owner.startedAt}`
      : 'another process holds it'
    yield passed('owner', message)
    return
  }
  const { eventsFrom, rowsTo } = inputs.settings.profile
  try {
    yield passed('owner', 'nobody runs on it')
    if (eventsFrom === 'local-log') yield await attempt('log', inputs, examineLog)
    if (rowsTo === 'duckdb') yield await attempt('warehouse', inputs, examineWarehouse)
  } finally {
    await hold.release()
  }
}

/** Examines this machine and what the profile is attached to, step by step: directory, disk, limits, clock, servers, owner, log, warehouse. */
export async function* examine(inputs: BuildInputs): AsyncGenerator<Finding, void, void> {
  const directory = await examineDirectory(inputs)
  yield directory
  yield await examineFileLimit()
  yield examineClock(inputs)
  if (directory.verdict === 'failed') return
  yield await examineDisk(inputs)
  yield* examineConnections(inputs.settings)
  try {
    yield* examineContents(inputs)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    yield { step: 'owner', verdict: 'failed', message: error.message, fix: error.hint ?? 'see the message' }
  }
}
