import type { KafkaSasl } from '../../../base/connections.ts'
import { Fault } from '../../../base/fault.ts'

/** What kafkajs wants to know for signing in; null where nobody asks. */
export function createSaslOptions(sasl: KafkaSasl | null, timeoutMs: number): object | null {
  if (sasl === null) return null
  if (sasl.mechanism !== 'oauthbearer') return { ...sasl }
  const findToken = async (): Promise<string> => ('token' in sasl ? sasl.token : askForToken(sasl, timeoutMs))
  return { mechanism: sasl.mechanism, authenticationProvider: createTokenSignIn(findToken) }
}

interface SaslExchange {
  readonly request: { readonly encode: () => Promise<Buffer> }
  readonly response: { readonly decode: (bytes: Buffer) => Buffer; readonly parse: (bytes: Buffer) => Buffer }
}

/**
 * Signs in with a token (RFC 7628). kafkajs's own way takes any answer for a yes; a broker that does not accept the token
 * answers with the reason and ends the connection at the next request.
 */
const createTokenSignIn =
  (findToken: () => Promise<string>) =>
  ({ saslAuthenticate }: { readonly saslAuthenticate: (exchange: SaslExchange) => Promise<Buffer> }) => ({
    async authenticate() {
      const text = `n,,\u0001auth=Bearer ${await findToken()}\u0001\u0001`
      const bytes = Buffer.alloc(4 + Buffer.byteLength(text))
      bytes.writeInt32BE(bytes.length - 4)
      bytes.write(text, 4)
      const answer = await saslAuthenticate({
        request: { encode: async () => bytes },
        response: { decode: (answered) => answered, parse: (answered) => answered },
      })
      // After four bytes of length; nothing means yes.
      const reason = answer.toString('utf8', 4)
      if (reason !== '') throw new Error(`the broker does not accept the token: ${reason}`)
    },
  })

type TokenSource = Extract<KafkaSasl, { readonly tokenUrl: string }>

/**
 * A token by client credentials (RFC 6749, section 4.4), new for every connection: a broker ends a connection when the
 * token does.
 *
 * @throws Fault `refused` or `unreachable`, naming the server that gives tokens
 */
async function askForToken(
  { tokenUrl, clientId, clientSecret, scope }: TokenSource,
  timeoutMs: number,
): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === null ? {} : { scope }) })
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`
  let answer: Response
  try {
    answer = await fetch(tokenUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      },
      body: form.toString(),
      signal: AbortSignal.timeout(timeoutMs),
    })
  } catch (error) {
    throw new Fault('unreachable', `${tokenUrl} gave no token: nobody answers`, {
      hint: 'check the address of the token server',
      retry: true,
      cause: error,
    })
  }
  const token: unknown = answer.ok ? readToken(await answer.text()) : null
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
