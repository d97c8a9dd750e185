import { HardDrive, Hourglass } from 'lucide-react'
import type { PipelineView } from '../../../core/protocol/views.ts'
import { Empty } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import './partitions.css'

const text = words.pipeline

/** Where each partition begins, ends, and how far it is in the warehouse. */
export function PartitionsPanel({ view }: { readonly view: PipelineView }) {
  const formats = useFormats()
  const names = text.columns
  return (
    <Panel className="partitions" title={text.partitionTable} aside={view.source.title ?? formats.bytes(view.logBytes)}>
      {view.partitions.length === 0 ? (
        <Empty icon={HardDrive} text={text.noPartitions} next={text.noPartitionsNext} />
      ) : (
        <Scrolled label={text.partitionTable}>
          <table className="table partitions-table">
            <thead>
              <tr>
                <th scope="col">{names.topic}</th>
                {[names.partition, names.start, names.committed, names.end, names.lag, names.size].map((name) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {view.partitions.map(({ topic, partition, startOffset, committedOffset, endOffset, sizeBytes }) => {
                const lag = endOffset - committedOffset
                const waiting = view.source.waiting.find((one) => one.topic === topic && one.partition === partition)
                return (
                  <tr key={`${topic}/${partition}`}>
                    <th scope="row">{topic}</th>
                    <td className="number">{partition}</td>
                    <td className="number">{formats.count(startOffset)}</td>
                    <td className="number">{formats.count(committedOffset)}</td>
                    <td className="number">{formats.count(endOffset)}</td>
                    <td
                      className={lag > 0 ? 'number is-warn' : 'number'}
                      {...(waiting === undefined ? {} : { title: words.lag.waitingShort(waiting.reason) })}
                    >
                      {waiting !== undefined && (
                        <Hourglass size={12} strokeWidth={2} aria-label={words.lag.waitingShort(waiting.reason)} />
                      )}
                      {formats.count(lag)}
                    </td>
                    <td className="number">{formats.bytes(sizeBytes)}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </Scrolled>
      )}
    </Panel>
  )
}
