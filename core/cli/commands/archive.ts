import type { Command } from 'commander'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { replayArchive, restoreArchive, runArchive, withArchive } from '../../host/archiving.ts'
import { type CommonOptions, readContext, readCount, withCommonOptions } from '../context.ts'
import { createProgressLine, formatTable, say, writeJson, writeOut } from '../output.ts'
import { formatCount } from '../terminal/number-text.ts'

interface ArchiveOptions extends CommonOptions {
  readonly json?: boolean
}

const dayMs = 86_400_000
/** Differences and problems named one by one. */
const mostLines = 100

interface Watch {
  readonly signal: AbortSignal
  readonly show: (text: string) => void
  readonly onProgress: (progress: { readonly records: number; readonly files: number }) => void
}

/** Runs with progress on a terminal, ended by SIGINT and SIGTERM. */
async function withProgress<Result>(
  doing: string,
  clock: Clock,
  work: (watch: Watch) => Promise<Result>,
): Promise<Result> {
  const abort = new AbortController()
  const end = (): void => abort.abort()
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const name of signals) process.once(name, end)
  const progress = createProgressLine(() => clock.monotonicMs())
  const show = (text: string): void => progress.show(`${doing}: ${text}`)
  try {
    return await work({
      signal: abort.signal,
      show,
      onProgress: ({ files, records }) => show(`${formatCount(records)} records, ${formatCount(files)} files`),
    })
  } finally {
    progress.end()
    for (const name of signals) process.off(name, end)
  }
}

function addRun(archive: Command): void {
  withCommonOptions(archive.command('run').description('archive every hour that has ended and is not archived yet'))
    .option('--all', 'the hour that has not ended too')
    .option('--json', 'print the result as one JSON object')
    .action(async (options: ArchiveOptions & { readonly all?: boolean }) => {
      const inputs = readContext(options, 'archive run')
      const report = await withProgress('archiving', inputs.clock, ({ onProgress, signal }) =>
        runArchive(inputs, { includesOpenHour: options.all ?? false, onProgress, signal }),
      )
      for (const { fromOffset, partition, topic, untilOffset } of report.lost) {
        say(`${topic}/${partition} offsets ${fromOffset} to ${untilOffset - 1}: gone from the log, never archived`)
      }
      if (options.json) await writeJson(report)
      else await writeOut(`archived ${formatCount(report.records)} records in ${formatCount(report.files)} files\n`)
    })
}

function addList(archive: Command): void {
  withCommonOptions(archive.command('list').description('the hours the archive holds, oldest first'))
    .option('--json', 'one JSON object an hour')
    .action(async (options: ArchiveOptions) => {
      const inputs = readContext(options, 'archive list')
      const hours = await withArchive(inputs, (opened) => opened.list())
      if (options.json) {
        for (const { startMs, ...hour } of hours) await writeJson({ hour: new Date(startMs).toISOString(), ...hour })
        return
      }
      const rows = hours.map(({ files, rows, sizeBytes, startMs, topic }) => [
        `${new Date(startMs).toISOString().slice(0, 13)}:00Z`,
        topic,
        ...[files, rows, sizeBytes].map(formatCount),
      ])
      await writeOut(`${formatTable(['hour', 'topic', 'files', 'records', 'bytes'], rows, [2, 3, 4])}\n`)
    })
}

function addVerify(archive: Command): void {
  withCommonOptions(archive.command('verify').description('read every file again, and name what is missing or damaged'))
    .option('--json', 'print the result as one JSON object')
    .action(async (options: ArchiveOptions) => {
      const inputs = readContext(options, 'archive verify')
      const report = await withProgress('verifying', inputs.clock, ({ onProgress, signal }) =>
        withArchive(inputs, (opened) => opened.verify({ onProgress, signal })),
      )
      const losses = report.problems.filter(({ kind }) => kind !== 'unlisted')
      for (const { message } of report.problems.slice(0, mostLines)) say(message)
      if (report.problems.length > mostLines) say(`and ${formatCount(report.problems.length - mostLines)} more`)
      if (options.json) await writeJson(report)
      else {
        const found = losses.length === 0 ? 'all as it should be' : `${formatCount(losses.length)} problems`
        await writeOut(`${formatCount(report.rows)} records in ${formatCount(report.files)} files: ${found}\n`)
      }
      if (losses.length > 0) process.exitCode = 1
    })
}

function addRestore(archive: Command): void {
  withCommonOptions(archive.command('restore').description('put the archived log into the place of an empty one'))
    .option('--yes', 'do it')
    .option('--renumber', 'restore what there is although offsets change: after losses, or when old hours are dropped')
    .option('--json', 'print the result as one JSON object')
    .action(async (options: ArchiveOptions & { readonly yes?: boolean; readonly renumber?: boolean }) => {
      const inputs = readContext(options, 'archive restore')
      if (!options.yes) {
        throw new Fault('usage', `archive restore fills the empty log in ${inputs.paths.root}`, {
          domain: 'user',
          hint: 'say --yes to do it',
        })
      }
      const report = await withProgress('restoring', inputs.clock, ({ onProgress, signal }) =>
        restoreArchive(inputs, { renumbers: options.renumber ?? false, onProgress, signal }),
      )
      if (options.json) await writeJson(report)
      else await writeOut(`restored ${formatCount(report.records)} records\n`)
    })
}

function addReplay(archive: Command): void {
  withCommonOptions(
    archive.command('replay').description('recompute the table from the archive and compare it with the stored one'),
  )
    .option('--json', 'print the result as one JSON object')
    .action(async (options: ArchiveOptions) => {
      const inputs = readContext(options, 'archive replay')
      const report = await withProgress('replaying', inputs.clock, ({ show, signal }) =>
        replayArchive(inputs, { onProgress: (share) => show(`${Math.round(share * 100)} %`), signal }),
      )
      for (const difference of report.differences.slice(0, mostLines)) say(difference)
      const { differs, same, windows } = report
      if (options.json) await writeJson({ windows, same, differs })
      else {
        const counts = [windows, same, differs].map(formatCount)
        await writeOut(`${counts[0]} windows, ${counts[1]} the same, ${counts[2]} differ\n`)
      }
      if (differs > 0) process.exitCode = 1
    })
}

function addRetain(archive: Command): void {
  withCommonOptions(archive.command('retain').description('drop whole hours, oldest first; re-admissions stay'))
    .option('--days <n>', 'drop hours that ended longer ago')
    .option('--bytes <n>', 'drop hours until the rest is no larger')
    .option('--json', 'print the result as one JSON object')
    .action(async (options: ArchiveOptions & { readonly days?: string; readonly bytes?: string }) => {
      const inputs = readContext(options, 'archive retain')
      if (options.days === undefined && options.bytes === undefined) {
        throw new Fault('usage', 'archive retain takes --days or --bytes, or both', { domain: 'user' })
      }
      const bounds = {
        ageMs: options.days === undefined ? 0 : readCount('--days', options.days) * dayMs,
        bytes: options.bytes === undefined ? 0 : readCount('--bytes', options.bytes),
      }
      const report = await withArchive(inputs, (opened) => opened.retain(bounds, inputs.clock.nowMs()))
      if (options.json) await writeJson(report)
      else await writeOut(`dropped ${formatCount(report.hours)} hours in ${formatCount(report.files)} files\n`)
    })
}

/** `storepulse archive …`: raw events as Parquet, on disk or in a bucket, and back. */
export function addArchiveCommand(program: Command): void {
  const archive = program
    .command('archive')
    .description('raw events of all topics as Parquet: run, list, verify, restore, replay, retain')
  for (const add of [addRun, addList, addVerify, addRestore, addReplay, addRetain]) add(archive)
}
