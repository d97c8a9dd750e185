import { Instant } from '../ui/instant.tsx'
import { Hint } from '../ui/hint.tsx'
import { ProfileSwitcher } from '../panels/profile-switcher/profile-switcher.tsx'
import { useBoard, useCurrentProfile, useFormats, useSession } from '../use-model.ts'
import { isViewOnly } from '../stores/session-store.ts'
import { words } from '../words.ts'
import { StateMark } from './state-mark.tsx'
import type { ReactNode } from 'react'

const text = words.frame

function Figure({ name, why, rank, children }: { name: string; why: string; rank: string; children: ReactNode }) {
  return (
    <Hint text={why}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- its explanation must be reachable by keyboard */}
      <span className={`figure figure-${rank}`} tabIndex={0}>
        {name} <strong>{children}</strong>
      </span>
    </Hint>
  )
}

/** What is watched and how it is: profile, state, rate, watermark, lag. */
export function Figures() {
  const formats = useFormats()
  const isReadOnly = useCurrentProfile()?.isReadOnly === true
  const viewOnly = useSession(isViewOnly)
  const backfill = useSession((session) => session.backfill)
  const rate = useBoard(({ board }) => board?.throughput.recordsPerSecond ?? null)
  const lagSeconds = useBoard(({ board }) => board?.lag.seconds ?? null)
  const watermark = useBoard(({ board }) => board?.watermark ?? null)
  return (
    <div className="figures">
      <ProfileSwitcher />
      <StateMark />
      {isReadOnly && (
        <Hint text={words.profile.readOnlyWhy}>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- its explanation must be reachable by keyboard */}
          <span className="figure" tabIndex={0}>
            {words.profile.readOnly}
          </span>
        </Hint>
      )}
      {viewOnly && <span className="figure">{text.viewOnly}</span>}
      <Figure name={text.live} why={text.liveWhy} rank="wide">
        {rate === null ? words.none : text.perSecond(formats.rate(rate))}
      </Figure>
      <Figure name={text.watermark} why={text.watermarkWhy} rank="wide">
        {watermark === null ? words.none : <Instant atMs={Date.parse(watermark)} />}
      </Figure>
      <Figure name={text.lag} why={text.lagWhy} rank="all">
        {lagSeconds === null ? words.none : formats.duration(lagSeconds * 1_000)}
      </Figure>
      {backfill !== null && (
        <span className="figure figure-wide">{text.backfill(formats.percent(backfill.share))}</span>
      )}
    </div>
  )
}
