import { randomUUID } from 'node:crypto'
import { describe, inject, it } from 'vitest'
import { type ServiceName, serviceAvailability } from './install.ts'
import type { KafkaAddress } from './kafka.ts'
import type { MinioAddress } from './minio.ts'
import { createDatabase, type PostgresAddress } from './postgres.ts'
import type { RedisAddress } from './redis.ts'

/** Asks for a service that all tests of a run share: started by the first who asks, stopped after the last test. */
async function ask<Service>(name: string): Promise<Service> {
  const response = await fetch(`${inject('servicesUrl')}/${name}`)
  if (!response.ok) throw new Error(`${name}: ${await response.text()}`)
  return (await response.json()) as Service
}

/** Kafka 4.1 in the clear. Topics are everyone's: take names that nobody else takes. */
export const useKafka = (): Promise<KafkaAddress> => ask('kafka')

/** Kafka 4.1 with every listener. */
export const useSecureKafka = (): Promise<KafkaAddress> => ask('secure-kafka')

/** Kafka 3.9 under ZooKeeper. */
export const useZookeeperKafka = (): Promise<KafkaAddress> => ask('zookeeper-kafka')

/** PostgreSQL in the clear; each call gives an empty database of its own. */
export const usePostgres = async (): Promise<PostgresAddress> =>
  createDatabase(await ask<PostgresAddress>('postgres'), `test_${randomUUID().replaceAll('-', '')}`)

/** Redis without a password. Keys are everyone's. */
export const useRedis = (): Promise<RedisAddress> => ask('redis')

/** MinIO without a bucket. Buckets are everyone's. */
export const useMinio = (): Promise<MinioAddress> => ask('minio')

/**
 * A suite that needs real servers. Where one cannot be started, the suite is skipped and says what is missing; with
 * `REQUIRE_SERVICES=1` it fails.
 */
export function describeWithServices(title: string, names: readonly ServiceName[], body: () => void): void {
  const availability = serviceAvailability()
  const missing = names
    .filter((name) => availability[name] !== null)
    .map((name) => `${name} cannot be started here, ${availability[name]} is missing`)
  if (missing.length > 0 && process.env['REQUIRE_SERVICES'] === '1') {
    it(`${title}: has its services`, () => {
      throw new Error(`${missing.join('; ')}: run node test/support/services/install.mjs`)
    })
    return
  }
  describe.skipIf(missing.length > 0)([title, ...missing].join(': '), body)
}
