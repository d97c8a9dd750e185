import { type ReactNode, useId, useState } from 'react'
import type { ThemeChoice } from '../../../core/protocol/bridge.ts'
import { Segments } from '../../ui/segments.tsx'
import { askToNotify, canNotify, mayNotify } from '../../notifications.ts'
import { useModel, useView } from '../../use-model.ts'
import { words } from '../../words.ts'
import { Switch } from './switch.tsx'

const text = words.settings
const themes: readonly ThemeChoice[] = ['system', 'dark', 'light']

interface SwitchRowProps {
  readonly name: string
  readonly doc: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly children?: ReactNode
}

function SwitchRow({ name, doc, isOn, onChange, children }: SwitchRowProps) {
  const id = useId()
  return (
    <li className="setting">
      <div className="setting-words">
        <label className="setting-name" htmlFor={id}>
          {name}
        </label>
        <p className="setting-doc" id={`${id}-doc`}>
          {doc}
        </p>
        {children}
      </div>
      <div className="setting-control">
        <Switch id={id} aria-describedby={`${id}-doc`} isOn={isOn} onChange={onChange} />
      </div>
    </li>
  )
}

/** On is what the viewer wants and the browser allows. */
function NotifyRow() {
  const { view } = useModel()
  const isWanted = useView((state) => state.notify)
  const [isAllowed, setIsAllowed] = useState(mayNotify)
  const [isRefused, setIsRefused] = useState(false)
  const turnOn = async (): Promise<void> => {
    const isGranted = await askToNotify()
    setIsAllowed(isGranted)
    setIsRefused(!isGranted)
    view.setState({ notify: isGranted })
  }
  return (
    <SwitchRow
      name={text.notify}
      doc={text.notifyDoc}
      isOn={isWanted && isAllowed}
      onChange={(isOn) => (isOn ? void turnOn() : view.setState({ notify: false }))}
    >
      {isRefused && (
        <p className="setting-message is-bad" role="alert">
          {text.notifyRefused}
        </p>
      )}
    </SwitchRow>
  )
}

/** What belongs to this screen and not to the engine. */
export function ScreenSettings() {
  const { view } = useModel()
  const theme = useView((state) => state.theme)
  const keys = useView((state) => state.keys)
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
        <SwitchRow name={text.keys} doc={text.keysDoc} isOn={keys} onChange={(isOn) => view.setState({ keys: isOn })} />
        {canNotify && <NotifyRow />}
      </ul>
    </section>
  )
}
