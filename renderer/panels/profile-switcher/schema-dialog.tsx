import { Check, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ProfileView, SchemaPlanView } from '../../../core/protocol/cluster.ts'
import { type CommandFault, toCommandFault } from '../../bridge/fault.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failed, Loading } from '../../ui/notice.tsx'
import { useFormats, useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import '../quarantine/quarantine.css'
import './profile-switcher.css'

const text = words.profile.schema

interface RightProps {
  readonly right: SchemaPlanView['rights'][number]
}

function Right({ right: { grant, isGranted, right } }: RightProps) {
  return (
    <li className={isGranted ? 'schema-right' : 'schema-right is-bad'}>
      {isGranted ? (
        <Check size={13} strokeWidth={2} aria-hidden />
      ) : (
        <X size={13} strokeWidth={2} className="is-bad" aria-hidden />
      )}
      <span>
        {right} <span className="schema-dim">{isGranted ? text.granted : text.notGranted}</span>
        {!isGranted && <code className="schema-grant">{grant}</code>}
      </span>
    </li>
  )
}

/** What would be made, where, and by which rights. */
function Plan({ plan }: { readonly plan: SchemaPlanView }) {
  return (
    <dl className="schema-facts">
      {[
        [text.database, plan.database],
        [text.server, plan.server],
        [text.user, plan.user],
        [text.schema, 'storepulse'],
      ].map(([name, value]) => (
        <div key={name} className="schema-fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div className="schema-fact">
        <dt>{text.tables(plan.tables.length)}</dt>
        <dd className="schema-tables">
          {plan.tables.map((table) => (
            <code key={table}>{table}</code>
          ))}
        </dd>
      </div>
      <div className="schema-fact">
        <dt>{text.rights}</dt>
        <dd>
          <ul className="schema-rights">
            {plan.rights.map((right) => (
              <Right key={right.right} right={right} />
            ))}
          </ul>
        </dd>
      </div>
    </dl>
  )
}

interface SchemaDialogProps {
  readonly profile: ProfileView
  /** What was found; null looks for it first. */
  readonly plan: SchemaPlanView | null
  readonly onClose: () => void
}

/** Asks before a database is given its schema for the first time, and opens the profile once it has it. */
export function SchemaDialog({ profile, plan: found, onClose }: SchemaDialogProps) {
  const { client, profiles } = useModel()
  const formats = useFormats()
  const [plan, setPlan] = useState(found)
  const [lookFault, setLookFault] = useState<CommandFault | null>(null)
  const [fault, setFault] = useState<CommandFault | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const [adopts, setAdopts] = useState(false)
  const [isMeant, setIsMeant] = useState(false)
  const open = async (): Promise<void> => {
    const refusal = await profiles.switchTo(profile, true)
    if (refusal === null) onClose()
    else setFault(refusal)
  }
  const look = async (): Promise<void> => {
    try {
      setLookFault(null)
      const answer = await client.request('planSchema', { profile: profile.name })
      // Somebody else has made it meanwhile.
      if (answer.plan === null) await open()
      else setPlan(answer.plan)
    } catch (error) {
      setLookFault(toCommandFault(error))
    }
  }
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- looked for once, and again when somebody asks
  useEffect(() => void (found === null && look()), [])
  const create = async (): Promise<void> => {
    setIsBusy(true)
    try {
      await client.request('createSchema', { profile: profile.name, adopts, isConfirmed: isMeant })
      if (!profile.isCurrent) return await open()
      // The host opens what waited for it anew by itself.
      profiles.setState({ opening: profile.title })
      onClose()
    } catch (error) {
      setFault(toCommandFault(error))
    } finally {
      setIsBusy(false)
    }
  }
  const isClear =
    plan !== null &&
    plan.shapeProblems.length === 0 &&
    (plan.foreignRows === 0 || adopts) &&
    (!profile.isLocked || isMeant)
  return (
    <Dialog
      isOpen
      onClose={onClose}
      size="large"
      title={text.title(plan?.database ?? profile.rowsTo ?? profile.title)}
      text={text.text(profile.title)}
      actions={
        <>
          <Button onClick={onClose}>{words.profile.cancel}</Button>
          <Button look="primary" disabled={isBusy || !isClear} onClick={() => void create()}>
            {isBusy ? text.creating : text.create}
          </Button>
        </>
      }
    >
      <div className="schema-body">
        {plan === null && (lookFault === null ? <Loading /> : <Failed fault={lookFault} onRetry={() => void look()} />)}
        {plan !== null && <Plan plan={plan} />}
        {plan?.shapeProblems.map((problem) => (
          <p key={problem} className="dialog-fault is-bad">
            {text.shape(problem)}
          </p>
        ))}
        {plan !== null && plan.foreignRows > 0 && plan.shapeProblems.length === 0 && (
          <label className="lock-guard">
            <input type="checkbox" checked={adopts} onChange={({ target }) => setAdopts(target.checked)} />
            {text.adopt(formats.count(Math.min(plan.foreignRows, 1_000_000)), plan.foreignRows > 1_000_000)}
          </label>
        )}
        {profile.isLocked && (
          <label className="lock-guard">
            <input type="checkbox" checked={isMeant} onChange={({ target }) => setIsMeant(target.checked)} />
            {words.profile.lockedConfirm(profile.title)}
          </label>
        )}
        {fault !== null && (
          <p className="dialog-fault is-bad" role="alert">
            {[fault.message, fault.hint].filter(Boolean).join('; ')}
          </p>
        )}
      </div>
    </Dialog>
  )
}
