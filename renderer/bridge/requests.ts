import type { PageAnswer, PageCommandName, PageCommands } from '../../core/protocol/bridge.ts'
import { type CommandFault, createCommandFault } from './fault.ts'
import type { Transport } from './transport.ts'

/** The requests under way: sent and unanswered, or waiting for a connection. */
export interface Requests {
  make<Name extends PageCommandName>(
    command: Name,
    payload: PageCommands[Name]['request'],
    signal: AbortSignal | undefined,
    transport: () => Transport | null,
  ): Promise<PageCommands[Name]['response']>
  sendWaiting(transport: Transport): void
  settle(answer: Exclude<PageAnswer, { kind: 'feed' }>): void
  /** The connection is gone: what was sent on it has no answer any more. */
  failSent(): void
  failAll(fault: CommandFault): void
}

interface Pending {
  readonly command: PageCommandName
  readonly payload: unknown
  isSent: boolean
  readonly resolve: (result: never) => void
  readonly reject: (fault: unknown) => void
}

const createLostFault = (): CommandFault =>
  createCommandFault({
    code: 'disconnected',
    message: 'the connection was lost before the answer came',
    hint: 'look whether it was done before you repeat it',
    retry: true,
  })

export function createRequests(): Requests {
  const pending = new Map<number, Pending>()
  let lastId = 0

  const send = (id: number, request: Pending, transport: Transport): void => {
    request.isSent = true
    transport.send({ kind: 'request', id, command: request.command, payload: request.payload })
  }
  const take = (id: number): Pending | undefined => {
    const request = pending.get(id)
    pending.delete(id)
    return request
  }

  return {
    make: (command, payload, signal, transport) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        lastId += 1
        const id = lastId
        const abort = (): void => {
          const request = take(id)
          if (request?.isSent) transport()?.send({ kind: 'cancel', id })
          request?.reject(signal?.reason)
        }
        const finish = (): void => signal?.removeEventListener('abort', abort)
        signal?.addEventListener('abort', abort, { once: true })
        const request: Pending = {
          command,
          payload,
          isSent: false,
          resolve: (result) => {
            finish()
            resolve(result)
          },
          reject: (fault) => {
            finish()
            reject(fault)
          },
        }
        pending.set(id, request)
        const open = transport()
        if (open) send(id, request, open)
      }),
    sendWaiting(transport) {
      for (const [id, request] of pending) if (!request.isSent) send(id, request, transport)
    },
    settle(answer) {
      const request = take(answer.id)
      if (answer.kind === 'failure') request?.reject(createCommandFault(answer.fault))
      // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the host gives a command its own response
      else request?.resolve(answer.result as never)
    },
    failSent() {
      for (const [id, request] of pending) if (request.isSent) take(id)?.reject(createLostFault())
    },
    failAll(fault) {
      for (const id of pending.keys()) take(id)?.reject(fault)
    },
  }
}
