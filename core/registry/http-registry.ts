import type { RegistryConnection } from '../base/connections.ts'
import type { Clock } from '../base/clock.ts'
import { compileAvro } from './avro.ts'
import { explainAnswer } from './explain.ts'
import { createHttpGet, type FindWay, type HttpGet } from './http-get.ts'
import type { Schema, SchemaRegistry } from './registry.ts'

export interface RegistryOptions {
  readonly connection: RegistryConnection
  readonly clock: Clock
  readonly findWay?: FindWay
  /** How the registry is asked; over HTTP unless told otherwise. */
  readonly http?: HttpGet
}

interface Stored {
  readonly text: string
  readonly type: string
  readonly references: readonly Reference[]
}

interface Reference {
  readonly subject: string
  readonly version: number
}

/** A schema that did not exist may be there a moment later, where a registry's copies follow its leader. */
const missingMs = 10_000
const mostSchemas = 1_000
/** Schemas that one schema may lead to. */
const mostReferences = 100

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

const readReferences = (value: unknown): readonly Reference[] =>
  (Array.isArray(value) ? value : []).flatMap((reference: unknown) =>
    isObject(reference) && typeof reference['subject'] === 'string' && typeof reference['version'] === 'number'
      ? [{ subject: reference['subject'], version: reference['version'] }]
      : [],
  )

/** Its own codes for what does not exist: a subject, a version, a schema. Any other 404 is of another kind of server. */
const saysMissing = (body: string): boolean => {
  const code = parseObject(body)['error_code']
  return typeof code === 'number' && code > 40_400 && code < 40_500
}

/**
 * A client of the REST API that Confluent's registry, Karapace, Apicurio and others share.
 * Source: Confluent's "Schema Registry API Reference", schemas and subjects.
 */
export function createHttpRegistry({
  connection,
  clock,
  findWay,
  http = createHttpGet(connection, findWay),
}: RegistryOptions): SchemaRegistry {
  const known = new Map<number, Schema>()
  const missing = new Map<number, number>()
  const asking = new Map<number, Promise<Schema>>()
  const { auth, url } = connection

  /** Null where it does not exist. */
  const fetchSchema = async (path: string): Promise<Stored | null> => {
    const { body, status } = await http.get(path)
    if (status === 404 && saysMissing(body)) return null
    const { references, schema, schemaType } = status === 200 ? parseObject(body) : {}
    if (typeof schema !== 'string') throw explainAnswer(url, status, auth)
    const type = typeof schemaType === 'string' ? schemaType.toUpperCase() : 'AVRO'
    return { text: schema, type, references: readReferences(references) }
  }

  /** Texts of what a schema names, each after what it names itself; null where one does not exist. */
  const fetchReferences = async (of: Stored, seen: Set<string>): Promise<readonly string[] | null> => {
    const texts: string[] = []
    for (const { subject, version } of of.references) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`
      if (seen.has(path)) continue
      seen.add(path)
      const stored = seen.size > mostReferences ? null : await fetchSchema(path)
      const beneath = stored && (await fetchReferences(stored, seen))
      if (!stored || !beneath) return null
      texts.push(...beneath, stored.text)
    }
    return texts
  }

  const find = async (id: number): Promise<Schema | null> => {
    const stored = await fetchSchema(`/schemas/ids/${id}`)
    if (stored === null) return null
    if (stored.type === 'JSON') return { kind: 'json' }
    if (stored.type !== 'AVRO') return { kind: 'unreadable', why: `schema ${id} is of kind ${stored.type}` }
    const references = await fetchReferences(stored, new Set())
    return references && (await compileAvro(stored.text, references))
  }

  const keep = (id: number, schema: Schema): Schema => {
    const [oldest] = known.keys()
    if (oldest !== undefined && known.size >= mostSchemas) known.delete(oldest)
    known.set(id, schema)
    return schema
  }

  const ask = async (id: number): Promise<Schema> => {
    const schema = await find(id)
    if (schema !== null) return keep(id, schema)
    if (missing.size >= mostSchemas) missing.clear()
    missing.set(id, clock.monotonicMs())
    return { kind: 'unreadable', why: `the registry has no schema ${id}` }
  }

  return {
    peek(id) {
      const schema = known.get(id)
      if (schema) return schema
      const missingSinceMs = missing.get(id)
      if (missingSinceMs === undefined) return null
      if (clock.monotonicMs() - missingSinceMs < missingMs) {
        return { kind: 'unreadable', why: `the registry has no schema ${id}` }
      }
      missing.delete(id)
      return null
    },
    async findSchema(id) {
      const found = this.peek(id)
      if (found) return found
      const asked = asking.get(id) ?? ask(id).finally(() => asking.delete(id))
      asking.set(id, asked)
      return await asked
    },
    async check() {
      const { status } = await http.get('/schemas/types')
      // An older registry does not know this question, which is an answer too.
      if (status !== 200 && status !== 404) throw explainAnswer(url, status, auth)
    },
  }
}
