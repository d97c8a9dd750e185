import { useState } from 'react'
import type { AuditItem } from '../../../core/protocol/commands.ts'
import { Instant } from '../../ui/instant.tsx'
import { NotRefreshed } from '../../ui/notice.tsx'
import { OutsideText } from '../../ui/outside-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'
import { Pager } from '../quarantine/paged-list.tsx'
import '../quarantine/quarantine.css'
import './audit.css'

const text = words.audit
const pageLength = 10
const refreshMs = 5_000

function Entry({ action, at, detail, subject, who }: AuditItem) {
  return (
    <li className="audit-entry">
      <div className="audit-words">
        <p className="audit-deed">
          {action}{' '}
          <span className="audit-subject">
            <OutsideText text={subject} />
          </span>
        </p>
        <p className="audit-detail">
          <OutsideText text={detail} most={400} />
        </p>
      </div>
      <div className="audit-by">
        <p>
          <OutsideText text={who} />
        </p>
        <p className="audit-at tabular">
          <Instant atMs={Date.parse(at)} show="instant" />
        </p>
      </div>
    </li>
  )
}

/** Who changed what, newest first. */
export function AuditPanel() {
  const [offset, setOffset] = useState(0)
  const { answer, fault } = usePoll('listAudit', String(offset), () => ({ limit: pageLength, offset }), refreshMs)
  const entries = answer?.entries ?? []
  return (
    <Panel className="settings-group audit" title={text.title} aside={<NotRefreshed fault={fault} />}>
      {answer !== null && entries.length === 0 && <p className="audit-empty">{text.empty}</p>}
      <ul aria-label={text.title}>
        {entries.map((entry, index) => (
          <Entry key={`${offset + index} ${entry.at}`} {...entry} />
        ))}
      </ul>
      <Pager offset={offset} count={entries.length} length={pageLength} onOffset={setOffset} />
    </Panel>
  )
}
