import './track.css'

interface TrackProps {
  /** Shares of the whole length, 0…1. */
  readonly from?: number
  readonly length: number
  readonly tone?: 'accent' | 'warn' | 'bad' | 'plain'
}

/** A bar in a track, as small as a line of text. The figure beside it says how much. */
export function Track({ from = 0, length, tone = 'accent' }: TrackProps) {
  const left = Math.min(1, Math.max(0, from))
  const width = Math.min(1 - left, Math.max(0, length))
  return (
    <span className="track">
      <span
        className={`track-bar track-${tone}`}
        style={{ marginLeft: `${left * 100}%`, width: width > 0 ? `max(3px, ${width * 100}%)` : 0 }}
      />
    </span>
  )
}
