import { Fault } from '../../core/base/fault.ts'
import type { Keyring } from '../../core/host/public.ts'
import type { EngineNews, EngineOrder } from '../../core/protocol/engine-messages.ts'

type Answer = Extract<EngineOrder, { kind: 'recalled' | 'kept' }>

/** The keyring of the computer, which the main process opens for the engine. */
export interface RemoteKeyring extends Keyring {
  /** Takes main's answer. */
  take(answer: Answer): void
}

/** @param cannotKeep why secrets cannot be kept on this computer, or null */
export function createRemoteKeyring(tell: (news: EngineNews) => void, cannotKeep: string | null): RemoteKeyring {
  const waiting = new Map<number, (answer: Answer) => void>()
  let lastId = 0

  const ask = (make: (id: number) => EngineNews): Promise<Answer> =>
    new Promise((resolve, reject) => {
      lastId += 1
      waiting.set(lastId, (answer) => {
        if (answer.refusal === null) return resolve(answer)
        const hint = 'set the environment variables of these settings instead'
        reject(new Fault('refused', answer.refusal, { domain: 'user', hint }))
      })
      tell(make(lastId))
    })
  return {
    refusal: async () => cannotKeep,
    async recall(profile) {
      const answer = await ask((id) => ({ kind: 'recall', id, profile }))
      return answer.kind === 'recalled' ? answer.secrets : {}
    },
    async keep(profile, changes) {
      if (Object.keys(changes).length > 0) await ask((id) => ({ kind: 'keep', id, profile, changes }))
    },
    take(answer) {
      waiting.get(answer.id)?.(answer)
      waiting.delete(answer.id)
    },
  }
}
