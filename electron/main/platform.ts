import { protocol } from 'electron'
import type { PageFile } from './page-files.ts'

/** What only some versions of Electron have, behind checks for it. */

export const pageScheme = 'app'
export const pageOrigin = `${pageScheme}://storepulse`

/** To be called before the app is ready. */
export function declarePageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

const isOurs = (url: URL): boolean => `${url.protocol}//${url.host}` === pageOrigin

/** Answers every address of the page's own origin. */
export function servePages(find: (path: string) => PageFile): void {
  const answer = (address: string): PageFile => {
    const url = new URL(address)
    return find(isOurs(url) ? url.pathname : '')
  }
  if ('handle' in protocol) {
    protocol.handle(pageScheme, ({ url }) => {
      const { bytes, headers, status, type } = answer(url)
      return new Response(new Uint8Array(bytes), { status, headers: { ...headers, 'Content-Type': type } })
    })
  } else registerBuffers(protocol, answer)
}

/** Electron before version 25. */
interface OlderProtocol {
  registerBufferProtocol(
    scheme: string,
    handler: (
      request: { readonly url: string },
      respond: (response: {
        readonly statusCode: number
        readonly mimeType: string
        readonly charset: string
        readonly data: Buffer
        readonly headers: Readonly<Record<string, string>>
      }) => void,
    ) => void,
  ): boolean
}

function registerBuffers(older: OlderProtocol, answer: (address: string) => PageFile): void {
  older.registerBufferProtocol(pageScheme, ({ url }, respond) => {
    const { bytes, headers, status, type } = answer(url)
    respond({ statusCode: status, mimeType: type, charset: 'utf-8', data: bytes, headers })
  })
}
