import type { MessagePortMain } from 'electron'
import { describeUser, type Host, readClientMessage } from '../../core/host/public.ts'
import { takenMessage } from '../../core/protocol/window-messages.ts'

const isTaken = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === takenMessage.kind

/** A port does not say how much waits in it: what the page has not taken counts as so much. */
const assumedFeedBytes = 65_536

/** Serves one page until it goes. */
export function servePort(port: MessagePortMain, host: Host): void {
  let untaken = 0
  const served = host.connect({
    caller: { who: `${describeUser()}, app`, role: 'operate' },
    send(message) {
      if (message.kind === 'feed') untaken += 1
      port.postMessage(message)
    },
    pendingBytes: () => untaken * assumedFeedBytes,
  })
  port.on('message', ({ data }) => {
    if (isTaken(data)) {
      untaken = Math.max(0, untaken - 1)
      return
    }
    const message = readClientMessage(data)
    // Pages are ours: what is no message comes from a page of another version, which its reload replaces.
    if (message) served.receive(message)
  })
  port.on('close', () => served.end())
  port.start()
}
