import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { openAccess } from '../../host/public.ts'
import type { RecordItem } from '../../protocol/commands.ts'
import { makeVisible } from '../../protocol/visible-text.ts'
import { type CommonOptions, readContext, readCount, withCommonOptions } from '../context.ts'
import { sayWhatIsGone } from '../ledger-rows.ts'
import { formatTable, makeLinesVisible, writeJson, writeOut } from '../output.ts'
import { formatCount, formatMoney, formatSize } from '../terminal/number-text.ts'
import { printReadmissions } from '../readmissions.ts'

interface JsonOptions extends CommonOptions {
  readonly json?: boolean
}

/** `storepulse quarantine`: records that are no valid event, with their bytes. */
export function addQuarantineCommand(program: Command): void {
  const quarantine = program.command('quarantine').description('records that are no valid event')
  addList(quarantine)
  addShow(quarantine)
  addStores(quarantine)
  withCommonOptions(quarantine.command('readmit').description('count records that are valid under today’s rules'))
    .argument('<id...>', 'record ids: topic/partition/offset')
    .option('--json', 'one JSON object a record')
    .action((refs: string[], options: JsonOptions) =>
      printReadmissions(refs, 'quarantine', readContext(options, 'quarantine readmit'), options.json ?? false),
    )
  addPurge(quarantine)
}

function addList(quarantine: Command): void {
  withCommonOptions(quarantine.command('list').description('list them, newest first'))
    .option('--limit <n>', 'most rows', '100')
    .option('--json', 'one JSON object a row')
    .action(async (options: JsonOptions & { readonly limit: string }) => {
      const limit = readCount('--limit', options.limit)
      const access = await openAccess(readContext(options, 'quarantine list'))
      try {
        const { entries } = await access.client.run('listQuarantine', { limit, offset: 0 })
        if (options.json) {
          for (const entry of entries) await writeJson(entry)
          return
        }
        const rows = entries.map((entry) => [
          entry.ref,
          entry.reason,
          entry.path,
          formatSize(entry.sizeBytes),
          entry.seenAt,
          entry.readmittedAt ?? '',
        ])
        await writeOut(`${formatTable(['id', 'reason', 'field', 'size', 'seen', 'readmitted'], rows, [3])}\n`)
        await sayWhatIsGone(access.client, 'quarantine', entries.length)
      } finally {
        await access.close()
      }
    })
}

/** Bytes as text where they are UTF-8, else as hexadecimal; nothing that a terminal would act upon. */
function showBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  const isText = Buffer.from(text).equals(bytes)
  if (!isText) return bytes.toString('hex').replaceAll(/(.{64})/g, '$1\n')
  return makeLinesVisible(text)
}

function describeRecord(entry: RecordItem, keptBytes: number): string {
  const kept = keptBytes < entry.sizeBytes ? `, first ${formatSize(keptBytes)} kept` : ''
  const verdict =
    entry.reason === null
      ? 'a valid event under the rules of now'
      : `${entry.reason} ${makeVisible(entry.path) || '(the record as a whole)'}`
  return [
    entry.ref,
    verdict,
    ...(entry.hint === null ? [] : [entry.hint]),
    ...(entry.from === 'log' ? ['not in the quarantine: read from the log'] : []),
    `${formatSize(entry.sizeBytes)}${kept}, sha-256 ${entry.sha256}`,
    `seen ${entry.seenAt}`,
  ].join('\n')
}

function addShow(quarantine: Command): void {
  withCommonOptions(
    quarantine
      .command('show')
      .description('show one record’s bytes and what is wrong with it; from the log where it is not in quarantine'),
  )
    .argument('<id>', 'record id: topic/partition/offset')
    .option('--json', 'print it as one JSON object, bytes in base64')
    .option('--raw', 'write the bytes alone, as they are')
    .action(async (ref: string, options: JsonOptions & { readonly raw?: boolean }) => {
      const access = await openAccess(readContext(options, 'quarantine show'))
      try {
        const entry = await access.client.run('showQuarantined', { ref })
        const bytes = Buffer.from(entry.base64, 'base64')
        if (options.raw) await writeOut(bytes)
        else if (options.json) await writeJson(entry)
        else {
          await writeOut(`${describeRecord(entry, bytes.length)}\n\n${showBytes(bytes)}\n`)
        }
      } finally {
        await access.close()
      }
    })
}

function addPurge(quarantine: Command): void {
  withCommonOptions(quarantine.command('purge').description('forget quarantined bytes; the counters stay'))
    .argument('[id...]', 'record ids; none with --all')
    .option('--all', 'every record that was not re-admitted')
    .action(async (refs: string[], options: CommonOptions & { readonly all?: boolean }) => {
      if ((refs.length === 0) === !options.all) {
        throw new Fault('usage', 'purge takes record ids, or --all', { domain: 'user' })
      }
      const access = await openAccess(readContext(options, 'quarantine purge'))
      try {
        const { purged } = await access.client.run('purgeQuarantine', { refs: options.all ? null : refs })
        await writeOut(`purged ${formatCount(purged)} records\n`)
      } finally {
        await access.close()
      }
    })
}

function addStores(quarantine: Command): void {
  withCommonOptions(
    quarantine.command('stores').description('how many sales in quarantine name each store, and what they come to'),
  )
    .option('--json', 'one JSON object a store')
    .action(async (options: JsonOptions) => {
      const access = await openAccess(readContext(options, 'quarantine stores'))
      try {
        const { stores } = await access.client.run('sumQuarantine', {})
        if (options.json) {
          for (const store of stores) await writeJson(store)
          return
        }
        const rows = stores.map(({ amount, records, storeId, withoutAmount }) => [
          storeId === null ? 'not readable' : String(storeId),
          formatCount(records),
          formatMoney(amount),
          formatCount(withoutAmount),
        ])
        await writeOut(`${formatTable(['store', 'rejected', 'amount', 'without an amount'], rows, [0, 1, 2, 3])}\n`)
        await sayWhatIsGone(access.client, 'quarantine')
      } finally {
        await access.close()
      }
    })
}
