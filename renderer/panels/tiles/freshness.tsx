import { useBoard, useFormats, useSession } from '../../use-model.ts'
import { words } from '../../words.ts'
import { classNames } from '../../ui/class-names.ts'
import { Instant } from '../../ui/instant.tsx'

/** The instant of the figure while it is fresh, its age once it is stale. */
export function Freshness() {
  const formats = useFormats()
  const atMs = useBoard(({ board }) => (board === null ? null : Math.floor(Date.parse(board.at) / 1_000) * 1_000))
  const isStale = useBoard((state) => state.isStale)
  const nowMs = useSession((session) => session.nowMs)
  if (atMs === null) return null
  return (
    <span className={classNames('freshness tabular', isStale && 'is-warn')}>
      {isStale && nowMs !== null ? (
        words.tiles.old(formats.duration(Math.max(0, nowMs - atMs)))
      ) : (
        <Instant atMs={atMs} />
      )}
    </span>
  )
}
