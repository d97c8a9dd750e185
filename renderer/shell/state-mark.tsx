import {
  Circle,
  CirclePause,
  CircleStop,
  Clock,
  FastForward,
  LoaderCircle,
  Lock,
  type LucideIcon,
  TriangleExclamationPoint,
  Unplug,
} from 'lucide-react'
import type { PipelineState } from '../../core/protocol/board.ts'
import { type ClientStatus, isLost } from '../bridge/client.ts'
import { useBoard, useSession } from '../use-model.ts'
import { words } from '../words.ts'

interface Mark {
  readonly icon: LucideIcon
  readonly tone: string
  readonly word: string
}

const pipelineMarks: Readonly<Record<PipelineState, Mark>> = {
  running: { icon: Circle, tone: 'is-good is-filled', word: words.states.running },
  'catching-up': { icon: FastForward, tone: 'is-warn', word: words.states['catching-up'] },
  paused: { icon: CirclePause, tone: 'is-warn', word: words.states.paused },
  stopped: { icon: CircleStop, tone: 'is-bad', word: words.states.stopped },
  faulted: { icon: TriangleExclamationPoint, tone: 'is-bad', word: words.states.faulted },
}

const stale: Mark = { icon: Clock, tone: 'is-warn', word: words.frame.stale }
const connecting: Mark = { icon: LoaderCircle, tone: '', word: words.frame.connecting }
const disconnected: Mark = { icon: Unplug, tone: 'is-bad', word: words.frame.disconnected }
const signedOut: Mark = { icon: Lock, tone: 'is-bad', word: words.frame.signedOut }

/** The connection comes first: without one, the pipeline's state is not known. */
function chooseMark(status: ClientStatus, state: PipelineState | null, isStale: boolean): Mark {
  if (status.kind === 'signed-out') return signedOut
  if (isLost(status)) return disconnected
  if (isStale) return stale
  return state === null ? connecting : pipelineMarks[state]
}

/** The state of what is watched: shape, word and colour. */
export function StateMark() {
  const status = useSession((session) => session.status)
  const state = useBoard(({ board }) => board?.state ?? null)
  const isStale = useBoard((board) => board.isStale)
  const { icon: Icon, tone, word } = chooseMark(status, state, isStale)
  return (
    <span className={`state-mark ${tone}`} role="status">
      <Icon size={13} strokeWidth={2} aria-hidden />
      {word}
    </span>
  )
}
