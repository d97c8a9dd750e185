/**
 * What is used of the inside of kafkajs 2.2.4, which has no types: one connection with frames, TLS and sign-in.
 * Why not its consumer and producer: core/decisions/0008.
 */
declare module 'kafkajs/src/network/connection.js' {
  import type { Duplex } from 'node:stream'

  interface Log {
    namespace(name: string): Log
    debug(message: string, extra?: object): void
    info(message: string, extra?: object): void
    warn(message: string, extra?: object): void
    error(message: string, extra?: object): void
  }

  interface SocketRequest {
    readonly host: string
    readonly port: number
    readonly ssl: object | null
    readonly onConnect: () => void
  }

  interface ConnectionOptions {
    readonly host: string
    readonly port: number
    readonly clientId: string
    readonly logger: Log
    readonly socketFactory: (request: SocketRequest) => Duplex
    readonly ssl: object | null
    readonly sasl: object | null
    readonly requestTimeout: number
    readonly connectionTimeout: number
    readonly enforceRequestTimeout: boolean
  }

  /** An encoder is anything with these two. */
  interface Payload {
    readonly buf: Buffer
    readonly buffer: Buffer
  }

  interface Exchange<Answer> {
    readonly request: {
      readonly apiKey: number
      readonly apiVersion: number
      readonly apiName: string
      readonly encode: () => Promise<Payload>
    }
    readonly response: {
      readonly decode: (payload: Buffer) => Promise<{ readonly clientSideThrottleTime: number; readonly data: Answer }>
      readonly parse: (decoded: { readonly data: Answer }) => Promise<Answer>
    }
    readonly logResponseError: boolean
  }

  interface RequestQueue {
    readonly pending: readonly unknown[]
    scheduleCheckPendingRequests: () => void
    rejectAll(error: Error): void
  }

  class Connection {
    constructor(options: ConnectionOptions)
    readonly requestQueue: RequestQueue
    connect(): Promise<unknown>
    disconnect(): Promise<unknown>
    authenticate(): Promise<void>
    isConnected(): boolean
    setVersions(versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>): void
    setSupportAuthenticationProtocol(isSupported: boolean): void
    send<Answer>(exchange: Exchange<Answer>): Promise<Answer>
  }
  export = Connection
}

declare module 'lz4js' {
  /** Gives the packed size, 0 where packing does not help. */
  export function compressBlock(from: Uint8Array, to: Uint8Array, at: number, size: number, table: Uint32Array): number
  export function decompress(bytes: Uint8Array, maxSize?: number): Uint8Array
}

declare module 'snappyjs' {
  export function compress(bytes: Buffer): Buffer
  export function uncompress(bytes: Buffer): Buffer
}

/** The file as a data URL. */
declare module '*/zstd.wasm?url&inline' {
  const url: string
  // oxlint-disable-next-line import/no-default-export -- the form in which Vite gives it
  export default url
}
