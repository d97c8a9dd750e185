import type { ReactNode } from 'react'
import type { StoreSheet } from '../../../core/protocol/views.ts'
import { Change } from '../../ui/change.tsx'
import { Instant } from '../../ui/instant.tsx'
import { useFormats, useSession } from '../../use-model.ts'
import { words } from '../../words.ts'

const text = words.sheet

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

function describeHours({ opensAtMinute, closesAtMinute }: StoreSheet): string {
  if (opensAtMinute === null || closesAtMinute === null) return words.none
  if (opensAtMinute === closesAtMinute) return text.always
  return text.hoursOf(clock(opensAtMinute), clock(closesAtMinute))
}

/** Time at the store, where its zone is known. */
function LocalTime({ zone }: { readonly zone: string | null }) {
  const nowMs = useSession((session) => session.nowMs)
  if (zone === null || nowMs === null) return words.none
  const time = new Intl.DateTimeFormat(navigator.language, {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  })
  return <span title={zone}>{time.format(nowMs)}</span>
}

/** So few leave hardly any doubt. */
const surelyExact = 5

/** An estimate, and called one. */
function Customers({ count }: { readonly count: number }) {
  const formats = useFormats()
  if (count <= surelyExact) return formats.count(count)
  return <span title={text.aboutWhy}>{text.about(formats.count(count))}</span>
}

interface StoreFactsProps {
  readonly sheet: StoreSheet
  readonly range: string
}

/** The store's own figures over the range. */
export function StoreFacts({ sheet, range }: StoreFactsProps) {
  const formats = useFormats()
  const { summary } = sheet
  return (
    <>
      <h3 className="sheet-range">{range}</h3>
      <dl className="facts">
        <Fact name={text.revenue}>
          {formats.moneyExact(summary.cents)}{' '}
          {summary.comparedCents !== null && <Change value={summary.cents} compared={summary.comparedCents} />}
        </Fact>
        <Fact name={text.sales}>{formats.count(summary.transactions)}</Fact>
        <Fact name={text.average}>
          {sheet.averageCents === null ? words.none : formats.moneyExact(sheet.averageCents)}
        </Fact>
        <Fact name={text.customers}>
          <Customers count={sheet.customers} />
        </Fact>
        <Fact name={text.late}>{formats.count(sheet.late)}</Fact>
        <Fact name={text.latest}>
          {summary.latestMs === null ? words.none : <Instant atMs={summary.latestMs} show="minute" />}
        </Fact>
        <Fact name={text.hours}>{describeHours(sheet)}</Fact>
        <Fact name={text.localTime}>
          <LocalTime zone={summary.zone} />
        </Fact>
      </dl>
    </>
  )
}
