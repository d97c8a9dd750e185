import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { KafkaAddress, KafkaConnection } from '../connection.ts'

/** What the socket saw, for telling why a connection did not come about. */
export interface SocketTrace {
  socket: Socket | null
  error: Error | null
  isSecure: boolean
  /** First bytes of the first answer. */
  firstBytes: Buffer
}

/** Opens a socket, with TLS where it is wanted, and keeps a trace of what happens to it. */
export function openSocket(
  { host, port }: KafkaAddress,
  tls: KafkaConnection['tls'],
  onConnect: () => void,
  trace: SocketTrace,
): Socket {
  const onSecure = (): void => {
    trace.isSecure = true
    onConnect()
  }
  const socket =
    tls === null
      ? connectTcp({ host, port }, onConnect)
      : connectTls(
          {
            host,
            port,
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
  socket.setKeepAlive(true, 60_000)
  socket.setNoDelay(true)
  socket.on('error', (error) => {
    trace.error ??= error
  })
  socket.once('data', (chunk: Buffer) => {
    trace.firstBytes = Buffer.from(chunk.subarray(0, 8))
  })
  return socket
}
