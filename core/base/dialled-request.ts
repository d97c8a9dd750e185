import type { RequestOptions } from 'node:http'
import { isIP } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Dial } from './dial.ts'

const withoutBrackets = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/**
 * How an HTTP request gets to the server of its URL: dialled where there is a dial, else by Node.js itself. A connection of
 * its own for each request.
 *
 * @param protection what TLS is to know where the URL is of https
 */
export function describeRequestWay(
  url: string,
  dial: Dial | undefined,
  protection: ConnectionOptions = {},
): RequestOptions {
  if (dial === undefined) return { agent: false }
  const { hostname, port, protocol } = new URL(url)
  const host = withoutBrackets(hostname)
  const isTls = protocol === 'https:'
  return {
    // An agent would take the place of this.
    createConnection() {
      const carrier = dial(host, port === '' ? (isTls ? 443 : 80) : Number(port))
      if (!isTls) return carrier
      const secure = connectTls({
        host,
        socket: carrier,
        ...(isIP(host) ? {} : { servername: host }),
        ...protection,
      })
      carrier.on('error', (error) => secure.destroy(error))
      return secure
    },
  }
}
