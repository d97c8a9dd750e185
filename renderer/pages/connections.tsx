import { Cable } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ConnectionPanel } from '../panels/connections/connection-panel.tsx'
import { NewProfileDialog } from '../panels/connections/new-profile-dialog.tsx'
import { ProfileHeader } from '../panels/connections/profile-header.tsx'
import { ProfileList } from '../panels/connections/profile-list.tsx'
import { goTo } from '../shell/use-route.ts'
import { profileRoute } from '../stores/route.ts'
import { isViewOnly } from '../stores/session-store.ts'
import { Empty, Failed, Loading } from '../ui/notice.tsx'
import { useModel, useProfiles, useSession } from '../use-model.ts'
import { words } from '../words.ts'
import '../ui/field.css'
import '../panels/settings/settings.css'
import '../panels/connections/connections.css'

const text = words.connections

/** The profiles, and what each of them is attached to. */
export function Connections({ profile: asked }: { readonly profile: string | null }) {
  const { profiles } = useModel()
  const answer = useProfiles((state) => state.answer)
  const fault = useProfiles((state) => state.fault)
  const isReadOnly = useSession(isViewOnly)
  const [isCreating, setIsCreating] = useState(false)
  useEffect(() => void profiles.load(), [profiles])
  if (answer === null) {
    return (
      <section className="panel connections">
        {fault === null ? <Loading /> : <Failed fault={fault} onRetry={() => void profiles.load()} />}
      </section>
    )
  }
  const shown = answer.profiles.find(({ isCurrent, name }) => (asked === null ? isCurrent : name === asked))
  return (
    <div className="connections">
      <ProfileList
        profiles={answer.profiles}
        shown={shown?.name ?? ''}
        onCreate={isReadOnly ? null : () => setIsCreating(true)}
      />
      <div className="connection">
        {shown === undefined ? (
          <section className="panel connection-empty">
            <Empty icon={Cable} text={text.missing} next={text.missingNext} />
          </section>
        ) : (
          <>
            <ProfileHeader key={shown.name} profile={shown} isReadOnly={isReadOnly} />
            {isReadOnly ? (
              <section className="panel connection-empty">
                <Empty icon={Cable} text={text.viewOnly} next={words.profile.kinds[shown.kind].does} />
              </section>
            ) : (
              <ConnectionPanel profile={shown} />
            )}
          </>
        )}
      </div>
      {isCreating && (
        <NewProfileDialog
          onClose={(made) => {
            setIsCreating(false)
            if (made !== null) goTo(profileRoute(made))
          }}
        />
      )}
    </div>
  )
}
