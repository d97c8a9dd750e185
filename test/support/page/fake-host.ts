import type { PageAnswer, PageMessage } from '../../../core/protocol/bridge.ts'
import type { CloseReason, OpenTransport, TransportEvents } from '../../../renderer/bridge/transport.ts'

/** The other side of every connection a client opens: it does nothing by itself. */
export interface FakeHost {
  readonly openTransport: OpenTransport
  /** How often the client has tried to connect. */
  tries(): number
  accept(): void
  end(reason?: CloseReason): void
  send(message: PageAnswer): void
  /** Messages of all connections, oldest first. */
  readonly heard: readonly PageMessage[]
  /** Ids of requests for a command, oldest first. */
  idsOf(command: string): readonly number[]
  /** Answers the newest request for a command. */
  answer(command: string, result: unknown): void
  /** Connections that the client itself has closed. */
  closed(): number
}

export function createFakeHost(): FakeHost {
  const heard: PageMessage[] = []
  let events: TransportEvents | null = null
  let tries = 0
  let closed = 0
  const current = (): TransportEvents => {
    if (events === null) throw new Error('nobody has connected')
    return events
  }
  const idsOf = (command: string): readonly number[] =>
    heard.flatMap((message) => (message.kind === 'request' && message.command === command ? [message.id] : []))
  return {
    openTransport(next) {
      events = next
      tries += 1
      return {
        send: (message) => void heard.push(message),
        close() {
          closed += 1
        },
      }
    },
    tries: () => tries,
    accept: () => current().onOpen(),
    end: (reason = 'lost') => current().onClose(reason),
    send: (message) => current().onMessage(message),
    heard,
    idsOf,
    answer(command, result) {
      const id = idsOf(command).at(-1)
      if (id === undefined) throw new Error(`nobody has asked ${command}`)
      current().onMessage({ kind: 'response', id, result })
    },
    closed: () => closed,
  }
}
