import { type IncomingMessage, request as requestPlain, type RequestOptions } from 'node:http'
import { request as requestTls } from 'node:https'
import type { KafkaSasl } from '../../../base/connections.ts'
import type { Dial } from '../../../base/dial.ts'
import { describeRequestWay } from '../../../base/dialled-request.ts'
import { Fault } from '../../../base/fault.ts'

export type TokenSource = Extract<KafkaSasl, { readonly tokenUrl: string }>

interface Answer {
  readonly status: number
  readonly text: string
}

/** Far above any token. */
const longestAnswer = 1_048_576

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk)
    sizeBytes += bytes.length
    if (sizeBytes > longestAnswer) throw new Error('its answer does not end')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const post = (url: string, body: string, options: RequestOptions): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = /^https:/i.test(url) ? requestTls : requestPlain
    const asked = request(url, { ...options, method: 'POST' }, (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })

/**
 * A token by client credentials (RFC 6749, section 4.4), new for every connection: a broker ends a connection when the
 * token does.
 *
 * @param dial how the server that gives tokens is reached, where not directly
 * @throws Fault `refused` or `unreachable`, naming that server
 */
export async function askForToken(
  { clientId, clientSecret, scope, tokenUrl }: TokenSource,
  timeoutMs: number,
  dial?: Dial,
): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === null ? {} : { scope }) })
  const body = form.toString()
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`
  let answer: Answer
  try {
    answer = await post(tokenUrl, body, {
      ...describeRequestWay(tokenUrl, dial),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      },
      signal: AbortSignal.timeout(timeoutMs),
    })
  } catch (error) {
    const why = error instanceof Fault ? error.message : 'nobody answers'
    throw new Fault('unreachable', `${tokenUrl} gave no token: ${why}`, {
      hint: 'check the address of the token server',
      retry: true,
      cause: error,
    })
  }
  const token = answer.status >= 200 && answer.status < 300 ? readToken(answer.text) : null
  if (typeof token === 'string') return token
  throw new Fault('refused', `${tokenUrl} gave no token: it answered ${answer.status}`, {
    hint: 'check client id, client secret and scope',
    domain: 'user',
  })
}

function readToken(text: string): unknown {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null && 'access_token' in answer ? answer.access_token : null
  } catch {
    return null
  }
}
