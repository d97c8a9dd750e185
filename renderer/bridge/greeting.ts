import type { OwnerInfo } from '../../core/protocol/commands.ts'
import { readAnswer } from './answers.ts'
import type { OpenTransport, Transport } from './transport.ts'

/** No request of the client has it. */
const greetingId = 0

/**
 * A transport that opens for its user only once the host has said who it is. What comes over it is that host's: nothing of
 * one profile can be taken for another's.
 *
 * @param onOwner called before `onOpen` and before anything else comes; null when the host could not say
 */
export const greetFirst =
  (openTransport: OpenTransport, onOwner: (owner: OwnerInfo | null) => void): OpenTransport =>
  (events) => {
    let isGreeted = false
    const take = (message: unknown): void => {
      const answer = readAnswer(message)
      if (answer === null || answer.kind === 'feed' || answer.id !== greetingId) return
      isGreeted = true
      // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the host gives a command its own response
      onOwner(answer.kind === 'response' ? (answer.result as OwnerInfo) : null)
      events.onOpen()
    }
    const transport: Transport = openTransport({
      onOpen: () => transport.send({ kind: 'request', id: greetingId, command: 'hello', payload: {} }),
      onMessage: (message) => (isGreeted ? events.onMessage(message) : take(message)),
      onClose: events.onClose,
    })
    return transport
  }
