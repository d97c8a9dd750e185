import { Minus, TrendingDown, TrendingUp } from 'lucide-react'
import type { ReactNode } from 'react'
import type { PipelineView } from '../../../core/protocol/views.ts'
import { Term } from '../../ui/hint.tsx'
import { useBoard, useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import { judgeTrend } from './trend.ts'
import './lag.css'

const text = words.lag

function Fact({ name, why, children }: { readonly name: string; readonly why?: string; readonly children: ReactNode }) {
  return (
    <div className="lag-fact">
      <dt>{why === undefined ? name : <Term why={why}>{name}</Term>}</dt>
      <dd className="tabular">{children}</dd>
    </div>
  )
}

const icons = { falling: TrendingDown, steady: Minus, growing: TrendingUp }
const tones = { falling: 'is-good', steady: '', growing: 'is-warn' }

function Trend({ lag }: { readonly lag: PipelineView['lag'] }) {
  const formats = useFormats()
  const trend = judgeTrend(lag)
  if (trend === null || lag.changePerSecond === null) return text.unknown
  const Icon = icons[trend]
  const rate = formats.rate(Math.abs(lag.changePerSecond))
  return (
    <span className={`lag-trend ${tones[trend]}`}>
      <Icon size={14} strokeWidth={1.75} aria-hidden />
      {trend === 'steady' ? text.steady : text[trend](rate)}
    </span>
  )
}

/** A lag that is no older than a breath and stays so is the records on their way. */
const breathSeconds = 2

function describeEta(
  lag: PipelineView['lag'],
  oldestSeconds: number | null,
  formats: ReturnType<typeof useFormats>,
): string {
  const { changePerSecond, etaSeconds, records } = lag
  if (records === 0) return text.now
  if (oldestSeconds !== null && oldestSeconds < breathSeconds && judgeTrend(lag) === 'steady') return text.keepsUp
  if (etaSeconds !== null) return text.inTime(formats.duration(Math.round(etaSeconds) * 1_000))
  return changePerSecond === null ? text.unknown : text.never
}

/** How far a Spark query on the same topic is, in a sentence. */
function describeSpark(spark: NonNullable<PipelineView['spark']>, formats: ReturnType<typeof useFormats>): string {
  const { batch, problem, records, seconds } = spark
  if (problem !== null || records === null) return text.sparkUnknown(problem ?? text.unknown)
  const age = seconds === null ? null : formats.duration(Math.round(seconds) * 1_000)
  const lag = records === 0 ? text.sparkCaughtUp : text.spark(formats.count(records), age)
  return batch === null ? lag : `${lag}, ${text.sparkBatch(formats.count(batch))}`
}

/** How far the pipeline is behind, which way that goes, and when it will be gone. */
export function LagPanel({ view }: { readonly view: PipelineView }) {
  const formats = useFormats()
  const seconds = useBoard(({ board }) => board?.lag.seconds ?? null)
  const { lag, source, spark } = view
  return (
    <section className="panel lag" aria-label={text.title}>
      <dl className="lag-facts">
        <Fact name={text.records}>{lag.records === 0 ? text.none : formats.count(lag.records)}</Fact>
        <Fact name={text.age} why={words.frame.lagWhy}>
          {seconds === null ? words.none : formats.duration(seconds * 1_000)}
        </Fact>
        <Fact name={text.trend} why={text.trendWhy}>
          <Trend lag={lag} />
        </Fact>
        <Fact name={text.eta} why={text.etaWhy}>
          {describeEta(lag, seconds, formats)}
        </Fact>
      </dl>
      {spark && (
        <p className={spark.problem === null ? 'lag-spark' : 'lag-spark is-warn'} role="status">
          {describeSpark(spark, formats)}
        </p>
      )}
      {source.waiting.map(({ topic, partition, reason }) => (
        <p key={`${topic}/${partition}`} className="lag-waiting is-warn" role="status">
          {text.waiting(topic, partition, reason)}
        </p>
      ))}
    </section>
  )
}
