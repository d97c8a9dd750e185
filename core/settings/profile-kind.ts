/** The servers a profile can be attached to. */
export type Service = 'kafka' | 'postgres' | 'redis' | 's3'

/** What a profile does, whatever it is called: where events come from, where rows go, what may be written. */
export interface ProfileKind {
  readonly kind: ProfileKindName
  /** As it is called on screen. */
  readonly title: string
  readonly eventsFrom: 'local-log' | 'kafka'
  readonly rowsTo: 'duckdb' | 'postgres' | 'memory'
  /** What it may write at all. Watch: nothing, neither on the cluster nor rows of its own. */
  readonly writes: {
    /** Records: to the local log, to topics of the cluster (demo traffic, creating topics), or to none. */
    readonly events: 'local-log' | 'kafka' | 'none'
    readonly rows: boolean
    /** The advisory commit of a consumer group, for lag tools. */
    readonly groupOffsets: boolean
    /** The board and its series in Redis. */
    readonly cache: boolean
  }
  /** Whether the built-in generator runs unless `generator.enabled` says otherwise. */
  readonly generatesByDefault: boolean
  /** Services whose settings it accepts. S3 counts as used once `archive.target` is s3. */
  readonly services: readonly Service[]
  /** Services without which it cannot start. */
  readonly needs: readonly Service[]
}

export const profileKindNames = ['local', 'watch', 'process', 'kafka-local'] as const
export type ProfileKindName = (typeof profileKindNames)[number]

export const profileKinds: Readonly<Record<ProfileKindName, ProfileKind>> = {
  local: {
    kind: 'local',
    title: 'This computer',
    eventsFrom: 'local-log',
    rowsTo: 'duckdb',
    writes: { events: 'local-log', rows: true, groupOffsets: false, cache: false },
    generatesByDefault: true,
    services: ['s3'],
    needs: [],
  },
  watch: {
    kind: 'watch',
    title: 'Watch a cluster',
    eventsFrom: 'kafka',
    rowsTo: 'memory',
    writes: { events: 'none', rows: false, groupOffsets: false, cache: false },
    generatesByDefault: false,
    services: ['kafka', 'postgres', 'redis', 's3'],
    needs: ['kafka'],
  },
  process: {
    kind: 'process',
    title: 'Process a cluster',
    eventsFrom: 'kafka',
    rowsTo: 'postgres',
    writes: { events: 'kafka', rows: true, groupOffsets: true, cache: true },
    generatesByDefault: false,
    services: ['kafka', 'postgres', 'redis', 's3'],
    needs: ['kafka', 'postgres'],
  },
  'kafka-local': {
    kind: 'kafka-local',
    title: 'Kafka to this computer',
    eventsFrom: 'kafka',
    rowsTo: 'duckdb',
    writes: { events: 'none', rows: true, groupOffsets: false, cache: false },
    generatesByDefault: false,
    services: ['kafka', 's3'],
    needs: ['kafka'],
  },
}

/** The kind of that name, or null. */
export function findProfileKind(name: unknown): ProfileKind | null {
  const found = profileKindNames.find((known) => known === name)
  return found === undefined ? null : profileKinds[found]
}
