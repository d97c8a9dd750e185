import type { Command } from 'commander'
import { importFiles, noteInTrail, openAccess, parseTopic } from '../../host/public.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { countAppended } from '../appended.ts'
import { createProgressLine, writeJson, writeOut } from '../output.ts'
import { formatCount } from '../terminal/number-text.ts'

interface ImportOptions extends CommonOptions {
  readonly topic?: string
  readonly json?: boolean
}

/** `storepulse import`: records from files or standard input into the local log. */
export function addImportCommand(program: Command): void {
  withCommonOptions(
    program.command('import').description('append records to the local log, byte for byte, bad ones included'),
  )
    .argument('<file...>', 'NDJSON, CSV or Parquet files; - is standard input')
    .option('--topic <topic>', 'every line is a value of this topic; without it every line is an envelope')
    .option('--json', 'print what was imported as one JSON object')
    .action(async (files: string[], options: ImportOptions) => {
      const topic = parseTopic(options.topic)
      const inputs = readContext(options, 'import')
      const access = await openAccess(inputs)
      const appended = countAppended()
      const progress = createProgressLine(() => inputs.clock.monotonicMs())
      try {
        const result = await importFiles(files, topic, {
          async append(records) {
            await access.append(records)
            appended.note(records)
          },
          sync: () => access.sync(),
          input: process.stdin,
          onProgress: (imported) => progress.show(`${formatCount(imported)} records`),
        })
        progress.end()
        if (options.json) await writeJson(result)
        else await writeOut(`imported ${formatCount(result.imported)} records\n`)
      } finally {
        progress.end()
        await access.close()
        // Of an import that was refused midway too.
        if (appended.total > 0) {
          const detail = `from ${files.join(', ')}: ${appended.describeTopics()}`.slice(0, 2_000)
          await noteInTrail(inputs, { action: 'imported', subject: appended.describeTotal(), detail })
        }
      }
    })
}
