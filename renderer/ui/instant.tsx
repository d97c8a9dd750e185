import { useFormats } from '../use-model.ts'

interface InstantProps {
  readonly atMs: number
  readonly show?: 'time' | 'minute' | 'instant'
}

/** An instant in the viewer's zone, with UTC on hover. */
export function Instant({ atMs, show = 'time' }: InstantProps) {
  const formats = useFormats()
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formats.utc(atMs)}>
      {formats[show](atMs)}
    </time>
  )
}
