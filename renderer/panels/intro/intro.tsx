import { useCurrentProfile, useSession, useFormats, useModel, useView } from '../../use-model.ts'
import { pageRoute } from '../../stores/route.ts'
import { paletteShortcut } from '../../shell/shortcuts.ts'
import { Button } from '../../ui/button.tsx'
import { Track } from '../../ui/track.tsx'
import { words } from '../../words.ts'
import './intro.css'

/** The first run in three lines, until they are read; and the past while it is being made. */
export function Intro() {
  const { view } = useModel()
  const formats = useFormats()
  const isRead = useView((state) => state.introduced)
  const backfill = useSession((session) => session.backfill)
  const kind = useCurrentProfile()?.kind
  const isMadeUp = kind === undefined || kind === 'local'
  if (isRead) return null
  return (
    <section className="intro" aria-label={words.intro.title}>
      <ol className="intro-lines">
        {[isMadeUp ? words.intro.madeUp : words.intro.watched, ...words.intro.lines].map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ol>
      <ul className="intro-keys">
        {backfill !== null && (
          <li className="intro-past">
            {words.frame.backfill(formats.percent(backfill.share))}
            <Track length={backfill.share} />
          </li>
        )}
        {words.intro.keys(paletteShortcut).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {isMadeUp && (
        <a className="link" href={`#${pageRoute('connections')}`}>
          {words.profile.attach}
        </a>
      )}
      <Button look="primary" onClick={() => view.setState({ introduced: true })}>
        {words.intro.done}
      </Button>
    </section>
  )
}
