import { useMemo, useState } from 'react'
import { Dialog } from '../../ui/dialog.tsx'
import { Instant } from '../../ui/instant.tsx'
import { Failed, Loading } from '../../ui/notice.tsx'
import { Segments } from '../../ui/segments.tsx'
import { classNames } from '../../ui/class-names.ts'
import { useFormats, usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'
import { decodeBytes, dumpHex, readTextLines } from './bytes.ts'

const text = words.record

function Bytes({ base64, path }: { readonly base64: string; readonly path: string }) {
  const [look, setLook] = useState<'text' | 'hex'>('text')
  const bytes = useMemo(() => decodeBytes(base64), [base64])
  const lines = useMemo(
    () =>
      look === 'text' ? readTextLines(bytes, path) : dumpHex(bytes).map((line) => ({ text: line, isFailing: false })),
    [bytes, path, look],
  )
  return (
    <>
      <div className="record-look">
        <h3>{text.bytes}</h3>
        <Segments
          label={text.view}
          value={look}
          segments={[
            { value: 'text', label: text.text, title: text.text },
            { value: 'hex', label: text.hex, title: text.hex },
          ]}
          onChange={setLook}
        />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <pre className="record-bytes" tabIndex={0} aria-label={text.bytes}>
        {lines.map((line, index) => (
          <span key={index} className={classNames('record-line', line.isFailing && 'record-failing')}>
            {line.text || ' '}
          </span>
        ))}
      </pre>
    </>
  )
}

/** One quarantined record: why it is here, and its bytes with the field that failed. */
export function RecordDialog({ record, onClose }: { readonly record: string; readonly onClose: () => void }) {
  const formats = useFormats()
  const { answer, fault, reload } = usePoll('showQuarantined', record, () => ({ ref: record }), null)
  return (
    <Dialog
      isOpen
      onClose={onClose}
      size="large"
      title={answer?.from === 'log' ? text.titleOfLog : text.title}
      text={<code>{record}</code>}
    >
      {answer === null && (fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />)}
      {answer !== null && (
        <>
          <dl className="record-facts">
            <div className="fact">
              <dt>{text.reason}</dt>
              {answer.reason === null ? (
                <dd>{text.valid}</dd>
              ) : (
                <dd className="is-bad">{words.reasonOf(answer.reason)}</dd>
              )}
            </div>
            <div className="fact">
              <dt>{text.path}</dt>
              <dd>{answer.path === '' ? text.wholeRecord : <code>{answer.path}</code>}</dd>
            </div>
            <div className="fact">
              <dt>{text.seen}</dt>
              <dd>
                <Instant atMs={Date.parse(answer.seenAt)} show="instant" />
              </dd>
            </div>
            <div className="fact">
              <dt>{text.size}</dt>
              <dd>{formats.bytes(answer.sizeBytes)}</dd>
            </div>
            {answer.hint !== null && (
              <div className="fact record-wide">
                <dt>{text.hint}</dt>
                <dd>{answer.hint}</dd>
              </div>
            )}
            <div className="fact record-wide">
              <dt>{text.hash}</dt>
              <dd>
                <code>{answer.sha256}</code>
              </dd>
            </div>
          </dl>
          <Bytes base64={answer.base64} path={answer.path} />
        </>
      )}
    </Dialog>
  )
}
