import { connect as connectTcp, isIP, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { KafkaConnection } from '../../../base/connections.ts'
import type { KafkaAddress } from '../address.ts'

/** What the socket saw, for telling why a connection did not come about. */
export interface SocketTrace {
  socket: Duplex | null
  error: Error | null
  isSecure: boolean
  /** First bytes of the first answer. */
  firstBytes: Buffer
}

/** Opens a socket, with TLS where it is wanted, and keeps a trace of what happens to it. */
export function openSocket(
  { host, port }: KafkaAddress,
  { dial, tls }: Pick<KafkaConnection, 'dial' | 'tls'>,
  onConnect: () => void,
  trace: SocketTrace,
): Duplex {
  const carrier = dial?.(host, port)
  const onSecure = (): void => {
    trace.isSecure = true
    onConnect()
  }
  const socket =
    tls === null
      ? (carrier?.once('connect', onConnect) ?? connectTcp({ host, port }, onConnect))
      : connectTls(
          {
            host,
            port,
            ...(carrier === undefined ? {} : { socket: carrier }),
            ...(isIP(host) ? {} : { servername: host }),
            ...(tls.ca === null ? {} : { ca: tls.ca }),
            ...(tls.cert === null ? {} : { cert: tls.cert }),
            ...(tls.key === null ? {} : { key: tls.key }),
            ...(tls.passphrase === null ? {} : { passphrase: tls.passphrase }),
            ...(tls.verifiesHost ? {} : { checkServerIdentity: () => undefined }),
          },
          onSecure,
        )
  trace.socket = socket
  // On its own way through a tunnel a connection that fails before TLS has begun would be nobody's.
  carrier?.on('error', (error) => socket.destroy(error))
  if (socket instanceof Socket) {
    socket.setKeepAlive(true, 60_000)
    socket.setNoDelay(true)
  }
  socket.on('error', (error) => {
    trace.error ??= error
  })
  socket.once('data', (chunk: Buffer) => {
    trace.firstBytes = Buffer.from(chunk.subarray(0, 8))
  })
  return socket
}
