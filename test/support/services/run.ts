import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { startKafka, startZookeeperKafka } from './kafka.ts'
import { kafkaListeners } from './kafka-settings.ts'
import { startMinio } from './minio.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for the services of the run. */
    servicesUrl: string
  }
}

interface Stoppable {
  stop(): Promise<void>
}

/** What the tests of one run share, by the name they ask for it; see `use.ts`. */
const starters: Readonly<Record<string, () => Promise<Stoppable>>> = {
  kafka: () => startKafka(),
  'secure-kafka': () => startKafka({ listeners: kafkaListeners }),
  'zookeeper-kafka': () => startZookeeperKafka(),
  postgres: () => startPostgres(),
  redis: () => startRedis(),
  minio: () => startMinio(),
}

/**
 * Runs around all tests, in the process that starts their workers: starts a service when the first test asks for it,
 * tells every other where it is, and stops all of them at the end.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = new Map<string, Promise<Stoppable>>()
  const find = (name: string): Promise<Stoppable> => {
    const service = started.get(name) ?? starters[name]?.()
    if (service === undefined) throw new Error(`no service is called ${name}`)
    started.set(name, service)
    return service
  }
  const server = createServer((request, response) => {
    Promise.resolve((request.url ?? '').slice(1))
      .then(find)
      .then(
        (service) => response.end(JSON.stringify(service)),
        (error: unknown) => {
          response.statusCode = 500
          response.end(error instanceof Error ? error.message : String(error))
        },
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  project.provide('servicesUrl', `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
  return async () => {
    server.closeAllConnections()
    server.close()
    await Promise.allSettled([...started.values()].map(async (service) => (await service).stop()))
  }
}
