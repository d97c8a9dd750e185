import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fillFolder, runProgram, servicesFolder } from './machine.ts'
import { findFreePorts, makeServerDirectory, removeServerDirectory, startServerProcess } from './server-process.ts'

/** One of those that speak Confluent's REST API: free, and a single program. */
const module = 'github.com/axonops/axonops-schema-registry'
const version = 'v0.2.1'
const folderName = `schema-registry-${version}`
const program = join(servicesFolder, folderName, 'schema-registry')

export const isSchemaRegistryInstalled = (): boolean => existsSync(program)

/** Builds it with Go; minutes, once. */
export const installSchemaRegistry = (): string =>
  fillFolder(folderName, (folder) => {
    const text = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
      cwd: folder,
      encoding: 'utf8',
    })
    const { Dir: sources } = JSON.parse(text) as { readonly Dir: string }
    const target = join(folder, 'schema-registry')
    runProgram('go', ['build', '-o', target, './cmd/schema-registry'], {
      cwd: sources,
      environment: { CGO_ENABLED: '0' },
    })
  })

export interface SchemaRegistryServer {
  readonly url: string
  readonly username: string
  readonly password: string
  /** Registers a schema under a subject. Returns its number. */
  register(subject: string, schema: object, type?: 'AVRO' | 'JSON' | 'PROTOBUF'): Promise<number>
  /** SIGSTOP: it takes connections and answers nothing. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

const username = 'storepulse'
const password = 'all-the-tills'
/** bcrypt of `password`. */
const hash = '$2b$04$29FYKp8Ws6mWpDQlbBi7IOJ4ArRWvW8wSpmMfnugHa/2FK/pj7G4q'
const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Starts a schema registry of its own that keeps nothing on disk and lets one user in. Whoever starts it stops it. */
export async function startSchemaRegistry(): Promise<SchemaRegistryServer> {
  const directory = makeServerDirectory('schema-registry')
  const [port = 0] = await findFreePorts(1)
  const url = `http://127.0.0.1:${port}`
  const headers = { authorization, 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(url + path, { ...request, headers, signal: AbortSignal.timeout(10_000) })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return await response.json()
  }
  // JSON is YAML, in which variables are replaced, and a hash looks like several.
  const settings = {
    server: { host: '127.0.0.1', port },
    storage: { type: 'memory' },
    security: {
      auth: {
        enabled: true,
        methods: ['basic'],
        basic: { realm: 'schemas', users: { [username]: '${PASSWORD_HASH}' } },
      },
      rbac: { enabled: false },
    },
  }
  writeFileSync(join(directory, 'settings.yaml'), JSON.stringify(settings))
  const server = await startServerProcess({
    program,
    args: ['-config', join(directory, 'settings.yaml')],
    directory,
    output: 'schema-registry.log',
    environment: { PASSWORD_HASH: hash },
    readyWithinMs: 30_000,
    probe: async () => void (await ask('/schemas/types')),
  })
  return {
    url,
    username,
    password,
    async register(subject, schema, type = 'AVRO') {
      const body = { schemaType: type, schema: JSON.stringify(schema) }
      const { id } = (await ask(`/subjects/${encodeURIComponent(subject)}/versions`, body)) as { readonly id: number }
      return id
    },
    pause: server.pause,
    resume: server.resume,
    async stop() {
      await server.end('SIGTERM')
      removeServerDirectory(directory)
    },
  }
}
