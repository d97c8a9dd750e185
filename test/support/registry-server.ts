import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Registered {
  readonly schema: string
  readonly schemaType?: string
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[]
}

/** A schema registry of a test's own, of which it can be told what to answer. */
export interface RegistryServer {
  readonly url: string
  /** Paths in the order they were asked for. */
  readonly asked: readonly string[]
  /** Answers everything with this status until told null. */
  answerWith(status: number | null): void
  stop(): Promise<void>
  /** Listens again where it did. */
  start(): Promise<void>
}

export interface RegistryContents {
  readonly ids?: Readonly<Record<number, Registered>>
  /** By `subject/version`. */
  readonly versions?: Readonly<Record<string, Registered>>
  /** Value of the header that lets in; everybody without. */
  readonly authorization?: string
}

const missing = (code: number, what: string): string =>
  JSON.stringify({ error_code: code, message: `${what} not found` })

/** Speaks the part of the REST API that readers use, as Confluent documents it. */
export async function startRegistryServer(contents: RegistryContents): Promise<RegistryServer> {
  const { authorization, ids = {}, versions = {} } = contents
  const asked: string[] = []
  let status: number | null = null
  const find = (path: string): readonly [number, string] => {
    if (path === '/schemas/types') return [200, '["JSON","PROTOBUF","AVRO"]']
    const id = /^\/schemas\/ids\/(\d+)$/.exec(path)?.[1]
    const version = /^\/subjects\/([^/]+)\/versions\/(\d+)$/.exec(path)
    if (id !== undefined)
      return ids[Number(id)] ? [200, JSON.stringify(ids[Number(id)])] : [404, missing(40_403, 'Schema')]
    const found = version && versions[`${decodeURIComponent(version[1] ?? '')}/${version[2]}`]
    if (version) return found ? [200, JSON.stringify({ ...found, id: 1 })] : [404, missing(40_402, 'Version')]
    return [404, missing(404, 'Path')]
  }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const isIn = authorization === undefined || request.headers.authorization === authorization
    const [code, body] = status !== null ? [status, '{}'] : isIn ? find(path) : [401, '{"error_code":401}']
    response.writeHead(code, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(body)
  })
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answerWith(next) {
      status = next
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    start: () => listen(port),
  }
}
