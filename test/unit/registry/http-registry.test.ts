import { expect, it, onTestFinished } from 'vitest'
import type { RegistryAuth } from '../../../core/base/connections.ts'
import { systemClock } from '../../../core/base/clock.ts'
import { createHttpRegistry } from '../../../core/registry/http-registry.ts'
import type { SchemaRegistry } from '../../../core/registry/registry.ts'
import { createManualClock, type ManualClock } from '../../support/clock.ts'
import { faultOf } from '../../support/fault-of.ts'
import { type RegistryContents, type RegistryServer, startRegistryServer } from '../../support/registry-server.ts'

interface Place {
  readonly server: RegistryServer
  readonly registry: SchemaRegistry
  readonly clock: ManualClock
}

const tls = { ca: null, cert: null, key: null, verifiesHost: true }

async function open(contents: RegistryContents, auth: RegistryAuth | null = null): Promise<Place> {
  const server = await startRegistryServer(contents)
  const clock = createManualClock(0)
  const registry = createHttpRegistry({ connection: { url: server.url, auth, tls }, clock })
  onTestFinished(() => server.stop())
  return { server, registry, clock }
}

const long = { schema: '"long"' }

it('asks for each schema once, however many ask for it, and never again', async () => {
  const { registry, server } = await open({ ids: { 7: long } })
  const found = await Promise.all([registry.findSchema(7), registry.findSchema(7)])
  expect(found.map(({ kind }) => kind)).toEqual(['avro', 'avro'])
  server.answerWith(500)
  expect(await registry.findSchema(7)).toBe(found[0])
  expect(registry.peek(7)).toBe(found[0])
  expect(server.asked).toEqual(['/schemas/ids/7'])
})

it('knows what each kind of schema is good for', async () => {
  const { registry } = await open({
    ids: {
      1: { schema: '{"type":"object"}', schemaType: 'JSON' },
      2: { schema: 'syntax = "proto3";', schemaType: 'PROTOBUF' },
      3: { schema: '{"type":"nothing"}', schemaType: 'AVRO' },
    },
  })
  expect(await registry.findSchema(1)).toEqual({ kind: 'json' })
  expect(await registry.findSchema(2)).toEqual({ kind: 'unreadable', why: 'schema 2 is of kind PROTOBUF' })
  expect(await registry.findSchema(3)).toMatchObject({ kind: 'unreadable' })
})

it('finds what a schema refers to, and what that refers to, each once', async () => {
  const refer = (subject: string) => ({ name: subject, subject, version: 1 })
  const cents = { schema: '{"type":"fixed","name":"Cents","size":1,"logicalType":"decimal","precision":2,"scale":2}' }
  const price = {
    schema: '{"type":"record","name":"Price","fields":[{"name":"cents","type":"Cents"}]}',
    references: [refer('the cents')],
  }
  const { registry, server } = await open({
    ids: {
      1: {
        schema:
          '{"type":"record","name":"One","fields":[{"name":"price","type":"Price"},{"name":"tax","type":"Cents"}]}',
        references: [refer('price'), refer('the cents')],
      },
      2: { schema: '"Gone"', references: [refer('gone')] },
    },
    versions: { 'price/1': price, 'the cents/1': cents },
  })
  const schema = await registry.findSchema(1)
  const json = schema.kind === 'avro' && schema.toJson(Buffer.from([50, 7]))
  expect(String(json)).toBe('{"price":{"cents":"0.50"},"tax":"0.07"}')
  expect(server.asked).toHaveLength(3)
  expect(await registry.findSchema(2)).toMatchObject({ kind: 'unreadable' })
})

it('remembers for a moment that there is no such schema, and asks again after it', async () => {
  const { clock, registry, server } = await open({})
  const why = 'the registry has no schema 9'
  expect(await registry.findSchema(9)).toEqual({ kind: 'unreadable', why })
  expect(await registry.findSchema(9)).toEqual({ kind: 'unreadable', why })
  expect(server.asked).toHaveLength(1)
  clock.advance(10_000)
  expect(await registry.findSchema(9)).toEqual({ kind: 'unreadable', why })
  expect(server.asked).toHaveLength(2)
})

it('says of a server that fails, is none, or is gone what to do, and asks again', async () => {
  const { registry, server } = await open({ ids: { 7: long } })
  for (const status of [500, 429, 404, 302]) {
    server.answerWith(status)
    const fault = await faultOf(registry.findSchema(7))
    expect(fault).toMatchObject({ code: 'unreachable', retry: true })
    expect(fault.message).toContain(`answered ${status}`)
  }
  await server.stop()
  expect(await faultOf(registry.findSchema(7))).toMatchObject({
    code: 'unreachable',
    retry: true,
    message: `the schema registry at ${server.url} could not be asked: nothing listens there`,
  })
  await server.start()
  server.answerWith(null)
  expect((await registry.findSchema(7)).kind).toBe('avro')
})

it('signs in, and says it when that is not accepted', async () => {
  const authorization = `Basic ${Buffer.from('ada:right').toString('base64')}`
  const ids = { 7: long }
  const enter = async (auth: RegistryAuth | null): Promise<SchemaRegistry> =>
    (await open({ ids, authorization }, auth)).registry
  const right = await enter({ kind: 'basic', username: 'ada', password: 'right' })
  await right.check()
  expect((await right.findSchema(7)).kind).toBe('avro')
  const sentences: readonly (readonly [RegistryAuth | null, string])[] = [
    [{ kind: 'basic', username: 'ada', password: 'wrong' }, 'does not accept user ada with this password'],
    [{ kind: 'bearer', token: 'old' }, 'does not accept the token'],
    [null, 'wants to know who asks'],
  ]
  for (const [auth, sentence] of sentences) {
    const registry = await enter(auth)
    for (const asked of [registry.check(), registry.findSchema(7)]) {
      const fault = await faultOf(asked)
      expect(fault).toMatchObject({ code: 'refused', retry: true })
      expect(fault.message).toContain(sentence)
      expect(fault.message).not.toContain('wrong')
    }
  }
})

it('signs in with a token', async () => {
  const { registry } = await open({ ids: { 7: long }, authorization: 'Bearer t-1' }, { kind: 'bearer', token: 't-1' })
  expect((await registry.findSchema(7)).kind).toBe('avro')
})

it('tells TLS to a server without it from a host nobody knows', async () => {
  const server = await startRegistryServer({})
  onTestFinished(() => server.stop())
  const ask = async (url: string): Promise<string> => {
    const registry = createHttpRegistry({ connection: { url, auth: null, tls }, clock: systemClock })
    return (await faultOf(registry.check())).message
  }
  expect(await ask(server.url.replace('http:', 'https:'))).toContain('it speaks no TLS')
  expect(await ask('http://nowhere.invalid/')).toMatch(/no address is known for its host|name server did not answer/)
})
