import type { KafkaSasl } from '../../../base/connections.ts'
import type { Dial } from '../../../base/dial.ts'
import { askForToken } from './token.ts'

/**
 * What kafkajs wants to know for signing in; null where nobody asks.
 *
 * @param dial how a server that gives tokens is reached, where not directly
 */
export function createSaslOptions(sasl: KafkaSasl | null, timeoutMs: number, dial?: Dial): object | null {
  if (sasl === null) return null
  if (sasl.mechanism !== 'oauthbearer') return { ...sasl }
  const findToken = async (): Promise<string> => ('token' in sasl ? sasl.token : askForToken(sasl, timeoutMs, dial))
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
