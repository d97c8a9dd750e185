import { useId } from 'react'
import type { ThemeChoice } from '../../../core/protocol/bridge.ts'
import { Segments } from '../../ui/segments.tsx'
import { useModel, useView } from '../../use-model.ts'
import { words } from '../../words.ts'
import { Switch } from './switch.tsx'

const text = words.settings
const themes: readonly ThemeChoice[] = ['system', 'dark', 'light']

/** What belongs to this screen and not to the engine. */
export function ScreenSettings() {
  const { view } = useModel()
  const theme = useView((state) => state.theme)
  const keys = useView((state) => state.keys)
  const keysId = useId()
  return (
    <section className="panel settings-group">
      <header className="panel-header">
        <h2 className="panel-title">{text.screen}</h2>
        <div className="panel-aside">{text.screenNote}</div>
      </header>
      <ul>
        <li className="setting">
          <div className="setting-words">
            <p className="setting-name">{text.theme}</p>
            <p className="setting-doc">{text.themeDoc}</p>
          </div>
          <div className="setting-control">
            <Segments
              label={text.theme}
              value={theme}
              segments={themes.map((value) => ({ value, label: words.themes[value], title: words.themes[value] }))}
              onChange={(chosen) => view.setState({ theme: chosen })}
            />
          </div>
        </li>
        <li className="setting">
          <div className="setting-words">
            <label className="setting-name" htmlFor={keysId}>
              {text.keys}
            </label>
            <p className="setting-doc" id={`${keysId}-doc`}>
              {text.keysDoc}
            </p>
          </div>
          <div className="setting-control">
            <Switch
              id={keysId}
              aria-describedby={`${keysId}-doc`}
              isOn={keys}
              onChange={(isOn) => view.setState({ keys: isOn })}
            />
          </div>
        </li>
      </ul>
    </section>
  )
}
