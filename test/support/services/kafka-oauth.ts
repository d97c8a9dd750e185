import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

/** What brokers of a test expect in a token. */
const issuer = 'https://tokens.storepulse.test'
const audience = 'storepulse-kafka'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Makes a key that signs tokens, and the file by which a broker checks them. Returns the private key as PEM. */
export function createTokenKey(directory: string): { readonly privateKey: string; readonly jwksFile: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const jwksFile = join(directory, 'jwks.json')
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'RS256', use: 'sig' }
  writeFileSync(jwksFile, JSON.stringify({ keys: [key] }))
  return { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), jwksFile }
}

/** A signed token (RS256 JWT) for `subject`; a negative `expiresInSeconds` makes one that has expired. */
export function signToken(privateKey: string, subject: string, expiresInSeconds = 3_600): string {
  const nowSeconds = Math.floor(Date.now() / 1_000)
  const claims = {
    iss: issuer,
    aud: audience,
    sub: subject,
    iat: nowSeconds - 3_600,
    exp: nowSeconds + expiresInSeconds,
    scope: 'kafka',
  }
  const text = `${encode({ alg: 'RS256', kid: 'test', typ: 'JWT' })}.${encode(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), createPrivateKey(privateKey)).toString('base64url')}`
}

/** Broker settings that check such tokens. */
export const tokenSettings = (listener: string, jwksFile: string): Readonly<Record<string, string>> => ({
  'sasl.oauthbearer.jwks.endpoint.url': `file://${jwksFile}`,
  'sasl.oauthbearer.expected.issuer': issuer,
  'sasl.oauthbearer.expected.audience': audience,
  [`listener.name.${listener}.oauthbearer.sasl.jaas.config`]:
    'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
})

export interface TokenServer {
  readonly url: string
  /** Tokens handed out so far. */
  countTokens(): number
  stop(): Promise<void>
}

/** An OAuth 2 token endpoint for the client-credentials grant, with the client in the header or in the body. */
export async function startTokenServer(
  privateKey: string,
  client: { readonly id: string; readonly secret: string },
  expiresInSeconds = 3_600,
): Promise<TokenServer> {
  let tokens = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
      const [id, secret] = basic
        ? Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent)
        : [form.get('client_id'), form.get('client_secret')]
      const grants = form.get('grant_type') === 'client_credentials'
      const knows = id === client.id && secret === client.secret
      const answer =
        grants && knows
          ? {
              access_token: signToken(privateKey, client.id, expiresInSeconds),
              token_type: 'Bearer',
              expires_in: expiresInSeconds,
            }
          : { error: grants ? 'invalid_client' : 'unsupported_grant_type' }
      if (grants && knows) tokens += 1
      response.writeHead(grants && knows ? 200 : grants ? 401 : 400, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/token`,
    countTokens: () => tokens,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
