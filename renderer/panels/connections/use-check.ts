import { useEffect, useRef, useState } from 'react'
import type { ConnectionDraft, FindingView } from '../../../core/protocol/cluster.ts'
import { type CommandFault, toCommandFault } from '../../bridge/fault.ts'
import { useModel } from '../../use-model.ts'

/** A test of the connection: its steps as they come. */
export interface Check {
  readonly findings: readonly FindingView[]
  readonly state: 'none' | 'running' | 'done'
  readonly fault: CommandFault | null
  readonly start: (draft: ConnectionDraft) => Promise<void>
  readonly close: () => void
}

interface CheckState {
  readonly findings: readonly FindingView[]
  readonly state: Check['state']
  readonly fault: CommandFault | null
}

const nothing: CheckState = { findings: [], state: 'none', fault: null }

export function useCheck(): Check {
  const { client } = useModel()
  const [shown, setShown] = useState(nothing)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  const follow = async (draft: ConnectionDraft, { signal }: AbortController): Promise<void> => {
    const { check } = await client.request('checkConnection', draft, signal)
    let findings: readonly FindingView[] = []
    for (let isDone = false; !isDone; ) {
      const next = await client.request('readCheck', { check, from: findings.length }, signal)
      findings = [...findings, ...next.findings]
      isDone = next.isDone
      setShown({ findings, state: isDone ? 'done' : 'running', fault: null })
    }
  }
  return {
    ...shown,
    async start(draft) {
      running.current?.abort()
      const mine = new AbortController()
      running.current = mine
      setShown({ findings: [], state: 'running', fault: null })
      try {
        await follow(draft, mine)
      } catch (error) {
        if (!mine.signal.aborted)
          setShown(({ findings }) => ({ findings, state: 'done', fault: toCommandFault(error) }))
      }
    },
    close() {
      running.current?.abort()
      setShown(nothing)
    },
  }
}
