import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { installKafka, kafkaFolder } from './kafka-install.ts'
import { findProgram, installPrograms, servicesFolder } from './machine.ts'
import { installMinio, isMinioInstalled } from './minio.ts'
import { findPostgres, installNewerPostgres, installPostgres } from './postgres-install.ts'
import { installSchemaRegistry, isSchemaRegistryInstalled } from './schema-registry.ts'
import { findSshServer } from './ssh.ts'
import { installSpark, isSparkInstalled } from './spark.ts'

/** Every service a test may ask for. */
export const serviceNames = [
  'kafka',
  'kafka-zookeeper',
  'postgres',
  'postgres-18',
  'pgbouncer',
  'redis',
  'minio',
  'schema-registry',
  'ssh',
  'spark',
  'compose',
] as const
export type ServiceName = (typeof serviceNames)[number]

interface Installer {
  /** What is missing to start it here, or null. Reads nothing but the file system. */
  readonly findMissing: () => string | null
  /** Installs it; does nothing where it is. */
  readonly install: () => void
}

const missingProgram = (...names: readonly string[]): string | null =>
  names.find((name) => findProgram(name) === null) ?? null
const missingFolder = (name: string): string | null => (existsSync(join(servicesFolder, name)) ? null : name)

const installers: Readonly<Record<ServiceName, Installer>> = {
  kafka: {
    // Other producers are part of it: tests write with kcat, and with Java from source.
    findMissing: () => missingProgram('java', 'javac', 'kcat', 'openssl') ?? missingFolder(kafkaFolder('4.1')),
    install() {
      installPrograms({ javac: 'default-jdk-headless', kcat: 'kcat', openssl: 'openssl' })
      installKafka('4.1')
    },
  },
  'kafka-zookeeper': {
    findMissing: () => missingProgram('java', 'openssl') ?? missingFolder(kafkaFolder('3.9')),
    install: () => void installKafka('3.9'),
  },
  postgres: {
    findMissing: () => missingProgram('psql', 'openssl') ?? (findPostgres() === null ? 'postgres' : null),
    install: installPostgres,
  },
  'postgres-18': {
    findMissing: () => missingProgram('psql') ?? (findPostgres('18') === null ? 'postgres 18' : null),
    install: () => void installNewerPostgres('18'),
  },
  pgbouncer: {
    findMissing: () => missingProgram('pgbouncer'),
    install: () => installPrograms({ pgbouncer: 'pgbouncer' }),
  },
  redis: {
    findMissing: () => missingProgram('redis-server', 'openssl'),
    install: () => installPrograms({ 'redis-server': 'redis-server' }),
  },
  minio: {
    findMissing: () => (isMinioInstalled() ? null : 'minio'),
    install: () => void installMinio(),
  },
  'schema-registry': {
    findMissing: () => (isSchemaRegistryInstalled() ? null : 'schema-registry'),
    install: () => void installSchemaRegistry(),
  },
  ssh: {
    findMissing: () => missingProgram('ssh-keygen') ?? (findSshServer() === null ? 'sshd' : null),
    install: () => installPrograms({ sshd: 'openssh-server', 'ssh-keygen': 'openssh-client' }),
  },
  compose: {
    findMissing: () => missingProgram('docker-compose'),
    install: () => installPrograms({ 'docker-compose': 'docker-compose' }),
  },
  spark: {
    findMissing: () => missingProgram('java') ?? (isSparkInstalled() ? null : 'spark'),
    install: () => void installSpark(),
  },
}

/** What is missing to start each service here; null where nothing is. */
export const serviceAvailability = (): Readonly<Record<ServiceName, string | null>> => {
  const found: Partial<Record<ServiceName, string | null>> = {}
  for (const name of serviceNames) found[name] = installers[name].findMissing()
  return found as Readonly<Record<ServiceName, string | null>>
}

/** Installs the named services, each unless it is there; says which, and how long it took. */
export function installServices(names: readonly ServiceName[] = serviceNames): void {
  for (const name of names) {
    if (installers[name].findMissing() === null) continue
    const startedAt = performance.now()
    installers[name].install()
    process.stderr.write(`installed ${name} in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`)
  }
}
