import { Tabs } from 'radix-ui'
import { useState } from 'react'
import { ConflictCount, ConflictList } from '../panels/conflicts/conflict-list.tsx'
import { LateList } from '../panels/late/late-list.tsx'
import { LateStores } from '../panels/late/late-stores.tsx'
import { LedgerLook } from '../panels/quarantine/ledger-look.tsx'
import { QuarantineList } from '../panels/quarantine/quarantine-list.tsx'
import { QuarantineStores } from '../panels/quarantine/quarantine-stores.tsx'
import { RecordDialog } from '../panels/quarantine/record-dialog.tsx'
import { ReasonsPanel } from '../panels/reasons/reasons-panel.tsx'
import { TopicsPanel } from '../panels/topics/topics-panel.tsx'
import { goTo } from '../shell/use-route.ts'
import { pageRoute } from '../stores/route.ts'
import { useBoard, useFormats } from '../use-model.ts'
import { words } from '../words.ts'
import './quality.css'

const text = words.quality

/** How many there are in all, beside the name of the list. */
function Count({ of }: { readonly of: 'late' | 'invalid' }) {
  const formats = useFormats()
  const count = useBoard(({ board }) => board?.records[of] ?? 0)
  return <span className="tab-count">{formats.countShort(count)}</span>
}

/** What became of every record, and those that were not counted. */
export function Quality({ record }: { readonly record: string | null }) {
  const [list, setList] = useState('quarantine')
  return (
    <div className="quality">
      <div className="quality-top">
        <TopicsPanel />
        <ReasonsPanel />
      </div>
      <Tabs.Root className="panel quality-lists" value={list} onValueChange={setList}>
        <Tabs.List className="tabs" aria-label={text.lists}>
          <Tabs.Trigger className="tab" value="quarantine">
            {text.quarantine} <Count of="invalid" />
          </Tabs.Trigger>
          <Tabs.Trigger className="tab" value="late">
            {text.late} <Count of="late" />
          </Tabs.Trigger>
          <Tabs.Trigger className="tab" value="conflicts">
            {text.conflicts} <ConflictCount />
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content className="tab-content" value="quarantine">
          <LedgerLook
            label={text.quarantineLook}
            recordsTitle={text.quarantineRecordsTitle}
            storesTitle={text.quarantineStoresTitle}
            records={<QuarantineList />}
            stores={<QuarantineStores />}
          />
        </Tabs.Content>
        <Tabs.Content className="tab-content" value="late">
          <LedgerLook
            label={text.lateLook}
            recordsTitle={text.lateRecordsTitle}
            storesTitle={text.lateStoresTitle}
            records={<LateList />}
            stores={<LateStores />}
          />
        </Tabs.Content>
        <Tabs.Content className="tab-content" value="conflicts">
          <ConflictList />
        </Tabs.Content>
      </Tabs.Root>
      {record !== null && <RecordDialog record={record} onClose={() => goTo(pageRoute('quality'))} />}
    </div>
  )
}
