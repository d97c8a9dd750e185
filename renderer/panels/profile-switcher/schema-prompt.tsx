import { useState } from 'react'
import { isViewOnly } from '../../stores/session-store.ts'
import { Button } from '../../ui/button.tsx'
import { useCurrentProfile, useSession } from '../../use-model.ts'
import { words } from '../../words.ts'
import { SchemaDialog } from './schema-dialog.tsx'

const text = words.profile.schema

/** What can be done about a database without a schema: the question is asked at once, and again when somebody wants it. */
export function SchemaPrompt() {
  const profile = useCurrentProfile()
  const mayOnlyLook = useSession(isViewOnly)
  const [isAsked, setIsAsked] = useState(true)
  if (mayOnlyLook) return <span className="notice-bar-dim">{text.viewOnly}</span>
  if (profile === null) return null
  return (
    <>
      <Button onClick={() => setIsAsked(true)}>{text.ask}</Button>
      {isAsked && <SchemaDialog profile={profile} plan={null} onClose={() => setIsAsked(false)} />}
    </>
  )
}
