import { protocol, safeStorage } from 'electron'
import type { PageFile } from './page-files.ts'
import type { Cipher } from './secrets.ts'

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

const unprotected = 'this computer has no keyring that protects them: set the environment variables of these settings'

/** The system's own keyring. Electron up to 45 has synchronous verbs, 41 and later asynchronous ones. */
export function openCipher(): Cipher {
  const isAsync = 'encryptStringAsync' in safeStorage
  return {
    async refusal() {
      // On Linux without a keyring it only obfuscates; an Electron that does not tell may do the same.
      if (process.platform === 'linux') {
        const backend = 'getSelectedStorageBackend' in safeStorage ? safeStorage.getSelectedStorageBackend() : 'unknown'
        if (backend === 'basic_text' || backend === 'unknown') return unprotected
      }
      const isThere = isAsync ? await safeStorage.isAsyncEncryptionAvailable() : safeStorage.isEncryptionAvailable()
      return isThere ? null : unprotected
    },
    encrypt: async (text) => (isAsync ? safeStorage.encryptStringAsync(text) : safeStorage.encryptString(text)),
    decrypt: async (bytes) =>
      isAsync ? (await safeStorage.decryptStringAsync(bytes)).result : safeStorage.decryptString(bytes),
  }
}
