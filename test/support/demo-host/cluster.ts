import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnectionViews } from '../../../core/pipeline/views/connection-views.ts'
import { createProfileViews } from '../../../core/pipeline/views/profile-views.ts'
import type { Keyring } from '../../../core/pipeline/views/profile-world.ts'
import type {
  ClusterCommands,
  FindingView,
  SchemaPlanView,
  SwitchFailure,
  TableDifference,
} from '../../../core/protocol/cluster.ts'
import { importKafkaProperties } from '../../../core/settings/kafka-properties.ts'

/** Profiles in a folder of their own, by the rules of the real ones; connections that are examined by nobody. */
export interface DemoCluster {
  readonly answers: {
    readonly [Name in keyof ClusterCommands]: (
      request: ClusterCommands[Name]['request'],
    ) => Promise<ClusterCommands[Name]['response']>
  }
  /** The profile that is open. */
  readonly current: () => string
  /** Whether the open profile waits for its schema. */
  readonly needsSchema: () => boolean
  /** What the keyring holds. */
  readonly secrets: () => Readonly<Record<string, Readonly<Record<string, string>>>>
  close(): void
}

export interface DemoClusterOptions {
  /** Opened first. */
  readonly profile?: string
  /** Why profiles cannot be switched here. */
  readonly cannotSwitch?: string
  /** Secrets come from the environment. */
  readonly hasNoKeyring?: boolean
  /** A profile that cannot be opened. */
  readonly broken?: string
  /** What is told of the connection; a step each 150 ms. */
  readonly findings?: readonly FindingView[]
  readonly difference?: TableDifference
  /** What is missing in the database of every profile that processes, until it is made. */
  readonly schema?: SchemaPlanView
  /** Why making it is refused. */
  readonly schemaRefusal?: string
}

const stepMs = 150

const usualFindings: readonly FindingView[] = [
  { step: 'names', verdict: 'ok', message: 'kafka.example is 192.0.2.10', fix: null },
  { step: 'connection', verdict: 'ok', message: 'kafka.example:9093 answers in 12 ms', fix: null },
  { step: 'TLS', verdict: 'ok', message: 'the certificate is good for another 81 days', fix: null },
  {
    step: 'sign-in',
    verdict: 'failed',
    message: 'kafka.example:9093 refuses user “pulse”: the password is not the right one',
    fix: 'enter the password of this user again, or ask who runs the cluster',
  },
  {
    step: 'clock',
    verdict: 'warning',
    message: 'the clocks are 3 s apart',
    fix: 'let both computers follow a time server',
  },
]

function createKeyring(kept: Map<string, Readonly<Record<string, string>>>): Keyring {
  return {
    refusal: async () => null,
    recall: async (profile) => kept.get(profile) ?? {},
    async keep(profile, changes) {
      const after = Object.entries({ ...kept.get(profile), ...changes })
      kept.set(
        profile,
        Object.fromEntries(after.flatMap(([name, secret]) => (secret === null ? [] : [[name, secret] as const]))),
      )
    },
  }
}

const fault = (code: string, message: string, hint: string | null): Error =>
  Object.assign(new Error(message), { code, hint })

/** @param onSwitch ends every connection, as opening another directory does */
export function createDemoCluster(options: DemoClusterOptions, onSwitch: () => void): DemoCluster {
  const home = mkdtempSync(join(tmpdir(), 'storepulse-demo-'))
  const kept = new Map<string, Readonly<Record<string, string>>>()
  const keyring = options.hasNoKeyring === true ? null : createKeyring(kept)
  let current = 'local'
  let failure: SwitchFailure | null = null
  const views = () => {
    const world = { home, current, environment: {}, keyring }
    const profiles = createProfileViews(world)
    const readSecrets = (text: string): Readonly<Record<string, string>> => importKafkaProperties(text).secrets
    return { profiles, connections: createConnectionViews({ world, profiles, readSecrets }) }
  }
  const values = { 'kafka.brokers': 'kafka.example:9093', 'kafka.security': 'sasl_ssl', 'kafka.sasl.username': 'pulse' }
  const setUp = async (): Promise<void> => {
    const { connections, profiles } = views()
    const name = profiles.create({ title: 'Nordic shops', kind: 'watch', colour: 'teal' })
    const secrets =
      keyring === null ? {} : { 'kafka.sasl.password': 'demo', 'warehouse.url': 'postgres://db.example/retail' }
    const open = keyring === null ? { 'kafka.brokers': 'kafka.example:9092' } : values
    await connections.save({ profile: name, values: open, secrets, properties: null })
    if (options.schema !== undefined) {
      const url = { 'warehouse.url': 'postgres://pulse@db.example/retail' }
      const brokers = { 'kafka.brokers': 'kafka.example:9092' }
      await connections.save({ profile: 'process', values: brokers, secrets: url, properties: null })
    }
    profiles.create({ title: 'Second till', kind: 'local', colour: 'amber' })
    profiles.create({ title: 'Vault', kind: 'local', colour: 'red' })
    profiles.update('vault', { isLocked: true })
    current = options.profile ?? 'local'
  }
  const ready = setUp()
  let missing = options.schema ?? null
  const needsSchema = (): boolean => missing !== null && current === 'process'
  const findings = options.findings ?? usualFindings
  const checks: number[] = []

  return {
    current: () => current,
    needsSchema,
    secrets: () => Object.fromEntries(kept),
    close: () => rmSync(home, { recursive: true, force: true }),
    answers: {
      async listProfiles() {
        await ready
        const profiles = await views().profiles.list()
        return { profiles, cannotSwitch: options.cannotSwitch ?? null, failure, needsSchema: needsSchema() }
      },
      createProfile: async (request) => ({ name: views().profiles.create(request) }),
      async updateProfile({ changes, profile }) {
        views().profiles.update(profile, changes)
        return {}
      },
      deleteProfile: async ({ profile }) => ({ dataDirectory: await views().profiles.remove(profile) }),
      async switchProfile({ isConfirmed, profile }) {
        const found = await views().profiles.find(profile)
        if (found.lacks[0] !== undefined) throw fault('refused', found.lacks[0], null)
        if (found.isLocked && !found.isCurrent && !isConfirmed) {
          throw fault('refused', 'it asks for a confirmation', 'confirm it')
        }
        setTimeout(() => {
          if (profile === options.broken) failure = { profile, message: 'nobody answers at kafka.example', hint: null }
          else {
            failure = null
            current = profile
          }
          onSwitch()
        }, 50)
        return {}
      },
      async planSchema({ profile }) {
        return { plan: (await views().profiles.find(profile)).kind === 'process' ? missing : null }
      },
      async createSchema({ adopts, isConfirmed, profile }) {
        const { isLocked } = await views().profiles.find(profile)
        if (isLocked && !isConfirmed) throw fault('refused', 'it is locked', 'unlock it first')
        if (options.schemaRefusal !== undefined) throw fault('refused', options.schemaRefusal, 'ask who owns it')
        if (!adopts && (missing?.foreignRows ?? 0) > 0) throw fault('refused', 'it has rows of others', null)
        missing = null
        if (profile === current) setTimeout(onSwitch, 50)
        return {}
      },
      async describeConnection({ profile }) {
        await ready
        return views().connections.describe(profile)
      },
      saveConnection: (draft) => views().connections.save(draft),
      async checkConnection() {
        checks.push(Date.now())
        return { check: checks.length }
      },
      async readCheck({ check, from }) {
        const count = Math.floor((Date.now() - (checks[check - 1] ?? 0)) / stepMs)
        if (count <= from) await new Promise((resolve) => setTimeout(resolve, stepMs))
        const now = Math.floor((Date.now() - (checks[check - 1] ?? 0)) / stepMs)
        return { findings: findings.slice(from, now), isDone: now >= findings.length }
      },
      async importClientProperties({ text }) {
        const { ignored, secrets, values: found } = importKafkaProperties(text)
        return { values: found, secrets: Object.keys(secrets), ignored }
      },
      compareTables: async () => options.difference ?? null,
    },
  }
}
