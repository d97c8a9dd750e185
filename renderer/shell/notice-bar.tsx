import {
  ArrowLeftRight,
  Clock,
  DatabaseZap,
  Lock,
  type LucideIcon,
  Pause,
  TriangleExclamationPoint,
  Unplug,
} from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import type { SwitchFailure } from '../../core/protocol/cluster.ts'
import { type ClientStatus, isLost } from '../bridge/client.ts'
import { SchemaPrompt } from '../panels/profile-switcher/schema-prompt.tsx'
import { Button } from '../ui/button.tsx'
import { useBoard, useFormats, useModel, useProfiles, useSession } from '../use-model.ts'
import { words } from '../words.ts'
import './notice-bar.css'

const text = words.notice

interface BarProps {
  readonly icon: LucideIcon
  readonly tone: 'warn' | 'bad'
  readonly word: string
  readonly children?: ReactNode
}

/** Lies over the foot of the page, so that nothing shifts when it comes and goes. */
function Bar({ icon: Icon, tone, word, children }: BarProps) {
  return (
    <div className={`notice-bar tabular notice-bar-${tone}`} role="status">
      <Icon size={15} strokeWidth={1.75} aria-hidden />
      <strong>{word}</strong>
      {children}
    </div>
  )
}

function Disconnected({ status }: { readonly status: ClientStatus }) {
  const { client, pollerWorld } = useModel()
  const formats = useFormats()
  // Counts down with the page's own seconds.
  useSession((session) => session.nowMs)
  const hasShown = useBoard(({ board }) => board !== null)
  const waitMs = status.kind === 'waiting' ? Math.max(0, status.retryAtMs - pollerWorld.timers.nowMs()) : 0
  return (
    <Bar icon={Unplug} tone="bad" word={words.frame.disconnected}>
      <span>{hasShown ? text.disconnected : text.neverConnected}</span>
      <span className="notice-bar-dim">
        {waitMs >= 1_000 ? text.retryIn(formats.duration(Math.round(waitMs / 1_000) * 1_000)) : text.retrying}
      </span>
      <Button onClick={() => client.retryNow()}>{text.retry}</Button>
    </Bar>
  )
}

function Stale() {
  const formats = useFormats()
  const { pollerWorld } = useModel()
  const heardAtMs = useBoard((state) => state.heardAtMs)
  useSession((session) => session.nowMs)
  const ageMs = heardAtMs === null ? 0 : pollerWorld.timers.nowMs() - heardAtMs
  return (
    <Bar icon={Clock} tone="warn" word={words.frame.stale}>
      <span>{text.stale(formats.duration(Math.round(ageMs / 1_000) * 1_000))}</span>
    </Bar>
  )
}

function SignedOut() {
  return (
    <Bar icon={Lock} tone="bad" word={words.frame.signedOut}>
      <span>{text.signedOut}</span>
      <Button onClick={() => window.location.assign('/')}>{text.signIn}</Button>
    </Bar>
  )
}

/** The profile that was asked for could not be opened: this is the one before it. */
function SwitchFailed({ failure, onDismiss }: { readonly failure: SwitchFailure; readonly onDismiss: () => void }) {
  const title = useProfiles(
    ({ answer }) => answer?.profiles.find(({ name }) => name === failure.profile)?.title ?? failure.profile,
  )
  return (
    <Bar icon={TriangleExclamationPoint} tone="bad" word={words.profile.failed(title)}>
      <span>{[failure.message, failure.hint].filter(Boolean).join('; ')}</span>
      <Button onClick={onDismiss}>{words.profile.failedDismiss}</Button>
    </Bar>
  )
}

const pipelineTexts = { paused: text.paused, stopped: text.stopped, faulted: text.faulted }

/** The one thing that the viewer must know before trusting the numbers, if there is one. */
export function NoticeBar() {
  const status = useSession((session) => session.status)
  const isStale = useBoard((state) => state.isStale)
  const isHeld = useBoard((state) => state.isHeld)
  const state = useBoard(({ board }) => board?.state ?? null)
  const reason = useBoard(({ board }) => board?.reason ?? null)
  const at = useBoard(({ board }) => board?.at ?? null)
  const failure = useProfiles(({ answer, isFailureRead }) => (isFailureRead ? null : (answer?.failure ?? null)))
  const { profiles } = useModel()
  const opening = useProfiles((profiles) => profiles.opening)
  const needsSchema = useProfiles(({ answer }) => answer?.needsSchema === true)
  // The host finds that out only when it opens the database.
  useEffect(() => void (state === 'faulted' && profiles.load()), [profiles, state])
  const formats = useFormats()
  if (status.kind === 'signed-out') return <SignedOut />
  if (opening !== null && !isStale) {
    return (
      <Bar icon={ArrowLeftRight} tone="warn" word={words.profile.opening(opening)}>
        <span>{words.profile.openingWhy}</span>
      </Bar>
    )
  }
  if (isLost(status) || (status.kind === 'connecting' && isStale)) return <Disconnected status={status} />
  if (isStale) return <Stale />
  if (isHeld) {
    return (
      <Bar icon={Pause} tone="warn" word={words.frame.held(at === null ? words.none : formats.time(Date.parse(at)))}>
        <span>{words.frame.heldWhy}</span>
      </Bar>
    )
  }
  if (failure !== null) {
    return <SwitchFailed failure={failure} onDismiss={() => profiles.setState({ isFailureRead: true })} />
  }
  if (state === 'faulted' && needsSchema) {
    return (
      <Bar icon={DatabaseZap} tone="warn" word={words.profile.schema.missing}>
        <span>{reason}</span>
        <SchemaPrompt />
      </Bar>
    )
  }
  if (state !== 'paused' && state !== 'stopped' && state !== 'faulted') return null
  return (
    <Bar icon={TriangleExclamationPoint} tone={state === 'paused' ? 'warn' : 'bad'} word={words.states[state]}>
      <span>{reason ?? pipelineTexts[state]}</span>
    </Bar>
  )
}
