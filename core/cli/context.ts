import { type Command, Option } from 'commander'
import { systemClock } from '../base/clock.ts'
import { parseDuration } from '../base/duration.ts'
import { Fault } from '../base/fault.ts'
import { createLogger, logLevels } from '../base/logger.ts'
import type { OpenInputs } from '../host/public.ts'
import { acceptedFlags } from '../settings/accepted.ts'
import { describeDataDirectory, findDataDirectory } from '../settings/data-directory.ts'
import { checkProfileName, readProfile } from '../settings/profile.ts'
import { readKind } from '../settings/profile-keys.ts'
import { resolveSettings } from '../settings/settings.ts'
import { say } from './output.ts'
import { version } from './version.ts'

/** The options every subcommand has. */
export interface CommonOptions {
  readonly profile: string
  readonly set: readonly string[]
  readonly dataDir?: string
  readonly logLevel: string
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value]

/** Adds the options every subcommand has. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--profile <name>', 'connection profile', 'local')
    .option('--set <name=value>', 'change one setting for this run (repeatable)', collect, [])
    .option('--data-dir <dir>', 'data directory (default: STOREPULSE_HOME, else the platform’s place for it)')
    .addOption(new Option('--log-level <level>', 'what goes to standard error').choices(logLevels).default('warn'))
}

/** The data directory, which all profiles are in. */
export const findHome = ({ dataDir }: Pick<CommonOptions, 'dataDir'>): string =>
  findDataDirectory({ ...process.env, ...(dataDir === undefined ? {} : { STOREPULSE_HOME: dataDir }) })

/** Resolves settings and paths. @throws Fault `setting` or `usage` */
export function readContext(options: CommonOptions, command: string, moreFlags: readonly string[] = []): OpenInputs {
  checkProfileName(options.profile)
  const paths = describeDataDirectory(findHome(options), options.profile)
  const settings = resolveSettings({
    profile: readProfile(paths.profiles, options.profile),
    environment: process.env,
    flags: [...options.set, ...moreFlags],
  })
  for (const note of settings.notes) say(`storepulse: ${note}`)
  const level = logLevels.find((known) => known === options.logLevel) ?? 'warn'
  return {
    paths,
    settings,
    profile: options.profile,
    clock: systemClock,
    logger: createLogger(level),
    workerUrl: new URL('./generator.worker.mjs', import.meta.url),
    command: `storepulse ${command}`,
    version,
  }
}

/**
 * The same command's settings and paths with another profile: what its flags say of services that this one does not use
 * stays behind.
 *
 * @throws as {@link readContext}
 */
export function readContextOf(
  profile: string,
  options: CommonOptions,
  command: string,
  moreFlags: readonly string[] = [],
): OpenInputs {
  const root = options.dataDir ?? findDataDirectory(process.env)
  const { profiles } = describeDataDirectory(findDataDirectory({ STOREPULSE_HOME: root }))
  const kind = readKind(readProfile(profiles, profile))
  return readContext({ ...options, profile, set: acceptedFlags(kind, options.set) }, command, moreFlags)
}

/** Reads a duration option. @throws Fault `usage` */
export function readDuration(option: string, text: string): number {
  const durationMs = parseDuration(text)
  if (durationMs !== null) return durationMs
  throw new Fault('usage', `${option} takes a duration such as 500ms, 30s, 5m or 2h, not "${text}"`, { domain: 'user' })
}

/** Reads an ISO-8601 option; without a zone it is UTC. @throws Fault `usage` */
export function readInstant(option: string, text: string): number {
  const isIso = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/i.test(text)
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(text) || text.length === 10
  const ms = isIso ? Date.parse(hasZone ? text : `${text}Z`) : Number.NaN
  if (Number.isFinite(ms)) return ms
  throw new Fault('usage', `${option} takes a time such as 2025-01-06T09:30:00Z, not "${text}"`, { domain: 'user' })
}

/** Reads a whole number option of at least `least`. @throws Fault `usage` */
export function readCount(option: string, text: string, least = 1): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= least) return count
  throw new Fault('usage', `${option} takes a whole number of at least ${least}, not "${text}"`, { domain: 'user' })
}
