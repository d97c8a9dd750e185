import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import { Fault, systemErrorCode } from '../../base/fault.ts'
import { type ProfileColour, profileColours } from '../../protocol/cluster.ts'
import { importKafkaProperties } from '../../settings/kafka-properties.ts'
import { checkProfileName } from '../../settings/profile.ts'
import { profileKindNames } from '../../settings/profile-kind.ts'
import { createProfile, deleteProfile, listProfiles, lockProfile, renameProfile } from '../../settings/profiles.ts'
import { saveChanges } from '../../settings/save-profile.ts'
import { readFlagValues } from '../../settings/settings.ts'
import { environmentName, type SettingValue } from '../../settings/table.ts'
import { type CommonOptions, findHome, withCommonOptions } from '../context.ts'
import { formatTable, say, writeJson, writeOut } from '../output.ts'
import { showProfile, summariseProfile } from '../profile-view.ts'

type JsonOptions = CommonOptions & { readonly json?: boolean }

async function list(options: JsonOptions): Promise<void> {
  const profiles = listProfiles(findHome(options))
  if (options.json) {
    for (const { description, name, problem } of profiles) {
      await writeJson(description ? summariseProfile(description) : { name, problem })
    }
    return
  }
  const rows = profiles.map(({ description, name, problem }) => [
    name,
    description?.kind.kind ?? '?',
    description?.isLocked === true ? 'locked' : '',
    description?.title ?? problem ?? '',
  ])
  await writeOut(`${formatTable(['name', 'kind', '', 'title'], rows)}\n`)
}

interface CreateOptions extends JsonOptions {
  readonly kind?: string
  readonly extends?: string
  readonly title?: string
  readonly colour?: ProfileColour
  readonly locked?: boolean
}

async function create(name: string, options: CreateOptions): Promise<void> {
  if (options.kind !== undefined && options.extends !== undefined) {
    throw new Fault('usage', '--kind and --extends do not go together', { domain: 'user' })
  }
  const parent = options.extends ?? options.kind
  if (parent === undefined) {
    const hint = `give --kind ${profileKindNames.join(', ')}, or --extends with a profile of your own`
    throw new Fault('usage', 'a new profile needs a kind', { domain: 'user', hint })
  }
  const made = createProfile(findHome(options), {
    name,
    extends: parent,
    title: options.title,
    colour: options.colour,
    isLocked: options.locked,
    settings: readFlagValues(options.set),
  })
  await (options.json ? writeJson({ ...summariseProfile(made), file: made.file }) : writeOut(`${made.file}\n`))
}

interface ImportOptions extends JsonOptions {
  readonly kind?: string
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = systemErrorCode(error) ?? 'failed'
    throw new Fault('usage', `${file} cannot be read: ${why}`, { domain: 'user', cause: error })
  }
}

const nameAfter = (file: string): string =>
  basename(file)
    .toLowerCase()
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)

/** Into the profile of that name, which is made when there is none. */
function keepValues(name: string, values: Readonly<Record<string, SettingValue>>, options: ImportOptions): void {
  const home = findHome(options)
  const existing = listProfiles(home).find((one) => one.name === name)?.description
  if (!existing) {
    createProfile(home, { name, extends: options.kind ?? 'watch', settings: values })
    return
  }
  if (options.kind !== undefined && options.kind !== existing.kind.kind) {
    throw new Fault('usage', `profile "${name}" is of kind ${existing.kind.kind}`, { domain: 'user' })
  }
  saveChanges(existing.paths.profiles, name, values)
}

async function importFile(file: string, given: string | undefined, options: ImportOptions): Promise<void> {
  const { ignored, secrets, values } = importKafkaProperties(readText(file))
  const name = given ?? nameAfter(file)
  keepValues(name, values, options)
  const variables = Object.keys(secrets).map((setting) => ({ setting, variable: environmentName(setting) }))
  if (options.json) {
    await writeJson({ name, settings: Object.keys(values), secrets: variables, ignored })
    return
  }
  await writeOut(`profile ${name}: ${Object.keys(values).length} settings from ${file}\n`)
  for (const setting of Object.keys(values)) await writeOut(`  ${setting}\n`)
  if (variables.length > 0) say('secrets are not stored; set each of them, or its _FILE to name a file with it:')
  for (const { setting, variable } of variables) say(`  ${variable} (${setting})`)
  if (ignored.length > 0) say('not used:')
  for (const { key, why } of ignored) say(`  ${key}: ${why}`)
}

async function remove(name: string, options: CommonOptions & { readonly yes?: boolean }): Promise<void> {
  if (!options.yes) {
    throw new Fault('usage', `this deletes profile "${name}"; its data stays`, {
      domain: 'user',
      hint: 'say --yes to do it',
    })
  }
  const data = deleteProfile(findHome(options), name)
  await writeOut(
    data === null ? `profile ${name} is deleted\n` : `profile ${name} is deleted; its data is in ${data}\n`,
  )
}

const kindOption = (): Option => new Option('--kind <kind>', 'what it does').choices(profileKindNames)

/** `storepulse profile`: the profiles there are, and making, importing, changing and deleting them. */
export function addProfileCommand(program: Command): void {
  const profile = program.command('profile').description('profiles: what is watched or processed, and where rows go')
  withCommonOptions(profile.command('list').description('list them'))
    .option('--json', 'one JSON object a profile')
    .action(list)
  withCommonOptions(profile.command('show').description('show one with its settings; secrets are masked'))
    .argument('[name]', 'name of the profile (default: that of --profile)')
    .option('--json', 'print one JSON object')
    .action((name: string | undefined, options: JsonOptions) => {
      checkProfileName(name ?? options.profile)
      return showProfile(findHome(options), name ?? options.profile, options)
    })
  withCommonOptions(profile.command('create').description('make one; settings are given with --set'))
    .argument('<name>', 'small letters, digits and hyphens')
    .addOption(kindOption())
    .option('--extends <profile>', 'profile whose settings it has where it has none of its own')
    .option('--title <text>', 'what it is called on screen')
    .addOption(new Option('--colour <colour>', 'colour it is shown in').choices(profileColours))
    .option('--locked', 'nothing about it changes until it is unlocked')
    .option('--json', 'print one JSON object')
    .action(create)
  withCommonOptions(profile.command('import').description('settings from a Kafka client.properties file; no secrets'))
    .argument('<file>', 'properties of a Java client or of librdkafka')
    .argument('[name]', 'profile to put them into, made if there is none (default: named after the file)')
    .addOption(kindOption())
    .option('--json', 'print one JSON object')
    .action(importFile)
  withCommonOptions(profile.command('rename').description('give one of your own another name, its data included'))
    .argument('<name>')
    .argument('<new-name>')
    .action((name: string, next: string, options: CommonOptions) => void renameProfile(findHome(options), name, next))
  for (const verb of ['lock', 'unlock'] as const) {
    withCommonOptions(profile.command(verb).description(`${verb} one: a locked one is not changed or deleted`))
      .argument('<name>')
      .action((name: string, options: CommonOptions) => lockProfile(findHome(options), name, verb === 'lock'))
  }
  withCommonOptions(profile.command('delete').description('delete one of your own; its data stays'))
    .argument('<name>')
    .option('--yes', 'do it')
    .action(remove)
}
