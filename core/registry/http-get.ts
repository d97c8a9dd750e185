import { type IncomingMessage, request as requestPlain, type RequestOptions } from 'node:http'
import { request as requestTls } from 'node:https'
import type { RegistryAuth, RegistryConnection } from '../base/connections.ts'
import type { Dial } from '../base/dial.ts'
import { describeRequestWay } from '../base/dialled-request.ts'
import { Fault } from '../base/fault.ts'
import { explainFailure } from './explain.ts'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** GET of a path below the registry's URL. */
export interface HttpGet {
  /** @throws Fault `unreachable` or `timeout`, in one sentence a cause; it may pass */
  get(path: string): Promise<Answer>
}

const patienceMs = 8_000
/** Far above any schema; nothing is kept of what does not end. */
const longestBody = 16_777_216

const describeAuth = (auth: RegistryAuth | null): Readonly<Record<string, string>> => {
  if (auth === null) return {}
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` }
  return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` }
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk)
    chunks.push(bytes)
    sizeBytes += bytes.length
    if (sizeBytes > longestBody) throw new Fault('unreachable', 'its answer does not end', { retry: true })
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** How the registry is reached, found out when it is asked; directly where it leaves that out. */
export type FindWay = () => Promise<{ readonly dial?: Dial }>

/** A client for one registry. */
export function createHttpGet(connection: RegistryConnection, findWay: FindWay = async () => ({})): HttpGet {
  const { auth, tls, url } = connection
  const base = url.replace(/\/+$/, '')
  const isTls = /^https:/i.test(base)
  const { ca, cert, key, verifiesHost } = tls
  const protection = {
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(verifiesHost ? {} : { checkServerIdentity: () => undefined }),
  }
  const headers = { accept: 'application/vnd.schemaregistry.v1+json, application/json', ...describeAuth(auth) }

  const ask = (path: string, dial: Dial | undefined): Promise<Answer> =>
    new Promise((resolve, reject) => {
      // From the first byte sent to the last one read: a server that only trickles is as good as none.
      const signal = AbortSignal.timeout(patienceMs)
      // Asked once a schema: a connection that is kept would only be found closed by the next question.
      const options: RequestOptions = { ...describeRequestWay(base, dial, protection), headers, signal }
      const onAnswer = (response: IncomingMessage): void => {
        readBody(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
      }
      const asked = isTls
        ? requestTls(`${base}${path}`, { ...options, ...protection }, onAnswer)
        : requestPlain(`${base}${path}`, options, onAnswer)
      asked.on('error', reject)
      asked.end()
    })

  return {
    async get(path) {
      try {
        return await ask(path, (await findWay()).dial)
      } catch (error) {
        throw explainFailure(base, error)
      }
    },
  }
}
