import { listBundledPackages } from '../bundled-packages.ts'
import { desktop } from '../storepulse.ts'
import { Panel } from '../ui/panel.tsx'
import { useSession } from '../use-model.ts'
import { words } from '../words.ts'
import '../ui/table.css'
import './about.css'

const text = words.about

/** What runs: page, engine and what the window is made of. */
function Running() {
  const owner = useSession((session) => session.owner)
  const facts = [
    [text.version, __STOREPULSE_VERSION__],
    ...(owner === null
      ? []
      : [
          [text.engineVersion, owner.version],
          [text.profile, words.profileOf(owner.profile)],
          [text.command, owner.command],
          [text.process, String(owner.processId)],
        ]),
    ...Object.entries(desktop?.versions ?? {}),
  ]
  return (
    <dl className="about-facts">
      {facts.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Versions, and the licences of all that is part of this page. */
export function About() {
  const packages = listBundledPackages()
  return (
    <div className="about">
      <section className="panel about-head">
        <div className="about-title">
          <h2 className="about-name">{words.product}</h2>
          <a className="link" href="#/settings">
            {text.back}
          </a>
        </div>
        <p>{text.text}</p>
        <p className="about-licence">{text.licence}</p>
        <Running />
      </section>
      <Panel title={text.parts} aside={text.partsCount(packages.length)}>
        <table className="table about-table">
          <thead>
            <tr>
              <th scope="col">{text.name}</th>
              <th scope="col">{text.version}</th>
              <th scope="col">{text.licenceColumn}</th>
            </tr>
          </thead>
          <tbody>
            {packages.map(({ name, version, licence }) => (
              <tr key={`${name} ${version}`}>
                <th scope="row">{name}</th>
                <td>{version}</td>
                <td>{licence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </div>
  )
}
