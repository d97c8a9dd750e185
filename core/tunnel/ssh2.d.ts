/** What is used of ssh2 1.17.0, which has no types. */
declare module 'ssh2' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'node:stream'

  interface ConnectOptions {
    readonly host: string
    readonly port: number
    readonly username: string
    readonly password?: string
    readonly privateKey?: string
    readonly passphrase?: string
    readonly readyTimeout: number
    readonly keepaliveInterval: number
    readonly keepaliveCountMax: number
    /** Whether the server is the one that is meant, by its key in SSH's own form. */
    readonly hostVerifier: (key: Buffer) => boolean
  }

  class Client extends EventEmitter {
    connect(options: ConnectOptions): this
    forwardOut(
      fromHost: string,
      fromPort: number,
      toHost: string,
      toPort: number,
      done: (error: Error | undefined, channel: Duplex) => void,
    ): this
    end(): this
    destroy(): this
  }
  const module: { readonly Client: typeof Client }
  export type { Client }
  export default module
}
