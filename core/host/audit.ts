import type { Clock } from '../base/clock.ts'
import { toFault } from '../base/fault.ts'
import { maskSecrets } from '../base/redact.ts'
import type { Logger } from '../base/logger.ts'
import type { AuditEntry } from '../pipeline/public.ts'
import type { CommandName, Commands, Deed } from '../protocol/commands.ts'
import type { SettingView } from '../protocol/views.ts'
import type { CommandContext, Handlers } from './handlers.ts'

/** Notes what was done in the audit trail. Resolves when it is kept, or given up for now. */
export type NoteDeed = (who: string, deed: Deed) => Promise<void>

const tries = 5
const pauseMs = 1_000

/**
 * Writes to the trail. One that cannot be written at once is tried again for a few seconds, while the answer goes out;
 * what was done is done.
 */
export function createAuditTrail(append: (entry: AuditEntry) => Promise<void>, clock: Clock, logger: Logger): NoteDeed {
  const write = async (entry: AuditEntry, left: number): Promise<void> => {
    try {
      await append(entry)
    } catch (error) {
      if (left > 1) {
        void clock.sleep(pauseMs).then(() => write(entry, left - 1))
        return
      }
      logger.error('an entry of the audit trail is lost', { ...entry, reason: toFault(error, 'audit').message })
    }
  }
  return (who, deed) => write({ atMs: clock.nowMs(), who, ...deed }, tries)
}

const mostNamed = 20

function nameSome(names: readonly string[]): string {
  const more = names.length - mostNamed
  return `${names.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const countRecords = (count: number): string => `${count} ${count === 1 ? 'record' : 'records'}`

function describeReadmission(
  { from }: Commands['readmit']['request'],
  { results }: Commands['readmit']['response'],
): Deed | null {
  const done = results.filter(({ outcome }) => outcome === 'readmitted').map(({ ref }) => ref)
  if (done.length === 0) return null
  const subject = `${countRecords(done.length)} of the ${from === 'late' ? 'late ledger' : 'quarantine'}`
  return { action: 're-admitted', subject, detail: nameSome(done) }
}

function describePurge(
  { refs }: Commands['purgeQuarantine']['request'],
  { purged }: Commands['purgeQuarantine']['response'],
): Deed | null {
  if (purged === 0) return null
  const detail = refs === null ? 'all that were not re-admitted' : nameSome(refs)
  return { action: 'purged', subject: `${countRecords(purged)} of the quarantine`, detail }
}

/** What a page may not see of a setting, the trail does not say either. */
function describeSettings(
  profile: string,
  values: Commands['saveSettings']['request']['values'],
  before: readonly SettingView[],
): Deed {
  const describe = ([name, value]: readonly [string, number | boolean | string | null]): string => {
    const shown = before.find((setting) => setting.name === name)
    if (!shown) return `${name} changed`
    return `${name}: ${String(shown.value)} → ${value === null ? `default (${String(shown.default)})` : String(value)}`
  }
  return {
    action: 'saved settings',
    subject: `profile ${profile}`,
    detail: Object.entries(values).map(describe).join('; '),
  }
}

/** Names of what was changed; of secrets no more than that. */
function describeConnection({ profile, properties, secrets, values }: Commands['saveConnection']['request']): Deed {
  const changed = Object.entries(values).map(
    ([name, value]) => `${name}: ${value === null ? 'default' : String(value)}`,
  )
  const kept = Object.entries(secrets).map(([name, secret]) => `${name} ${secret === null ? 'forgotten' : 'changed'}`)
  const imported = properties === null ? [] : ['secrets of an imported client.properties']
  return {
    action: 'saved a connection',
    subject: `profile ${profile}`,
    detail: [...changed, ...kept, ...imported].map((part) => maskSecrets(part)).join('; '),
  }
}

const describeProfile = (action: string, profile: string, detail = ''): Deed => ({
  action,
  subject: `profile ${profile}`,
  detail,
})

/** The same commands; those that change something are noted once they have. */
export function auditCommands(handlers: Handlers, note: NoteDeed, profile: string): Handlers {
  const audit =
    <Name extends CommandName>(
      run: (request: Commands[Name]['request'], context: CommandContext) => Promise<Commands[Name]['response']>,
      describe: (request: Commands[Name]['request'], response: Commands[Name]['response']) => Deed | null,
    ): typeof run =>
    async (request, context) => {
      const response = await run(request, context)
      const deed = describe(request, response)
      if (deed) await note(context.who, deed)
      return response
    }
  return {
    ...handlers,
    readmit: audit<'readmit'>(handlers.readmit, describeReadmission),
    purgeQuarantine: audit<'purgeQuarantine'>(handlers.purgeQuarantine, describePurge),
    noteDeed: audit<'noteDeed'>(handlers.noteDeed, (deed) => deed),
    mintLink: audit<'mintLink'>(handlers.mintLink, ({ role }, { expiresAt }) => ({
      action: 'made a sign-in link',
      subject: `role ${role}`,
      detail: `good for one sign-in until ${expiresAt}`,
    })),
    createProfile: audit<'createProfile'>(handlers.createProfile, ({ kind }, { name }) =>
      describeProfile('created a profile', name, `kind ${kind}`),
    ),
    updateProfile: audit<'updateProfile'>(handlers.updateProfile, ({ changes, profile: name }) =>
      describeProfile('changed a profile', name, JSON.stringify(changes)),
    ),
    deleteProfile: audit<'deleteProfile'>(handlers.deleteProfile, ({ profile: name }) =>
      describeProfile('deleted a profile', name),
    ),
    switchProfile: audit<'switchProfile'>(handlers.switchProfile, ({ profile: name }) =>
      describeProfile('switched to another profile', name, `from profile ${profile}`),
    ),
    createSchema: audit<'createSchema'>(handlers.createSchema, ({ profile: name }) =>
      // The trail in the database itself says so already.
      name === profile ? null : describeProfile('made the schema of a database', name),
    ),
    saveConnection: audit<'saveConnection'>(handlers.saveConnection, (request, { saved }) =>
      saved ? describeConnection(request) : null,
    ),
    async saveSettings(request, context) {
      const before = await handlers.describeSettings({}, context)
      const answer = await handlers.saveSettings(request, context)
      const isChange = answer.saved && Object.keys(request.values).length > 0
      if (isChange) await note(context.who, describeSettings(profile, request.values, before.settings))
      return answer
    },
  }
}
