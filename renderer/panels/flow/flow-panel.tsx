import { Database, Eye, Factory, HardDrive, type LucideIcon, ScanLine, Server, Sigma } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { PipelineView } from '../../../core/protocol/views.ts'
import { Instant } from '../../ui/instant.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useBoard, useFormats, useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import './flow.css'

const text = words.pipeline

interface StageProps {
  readonly icon: LucideIcon
  readonly name: string
  readonly children: ReactNode
}

/** One station on the way. */
function Stage({ icon: Icon, name, children }: StageProps) {
  return (
    <li className="stage">
      <h3 className="stage-name">
        <Icon size={16} strokeWidth={1.75} aria-hidden />
        {name}
      </h3>
      <ul className="stage-facts tabular">{children}</ul>
    </li>
  )
}

/** The server a station is on. */
function Place({ title }: { readonly title: string | null }) {
  return (
    <li className="stage-place" title={title ?? ''}>
      {title ?? words.none}
    </li>
  )
}

const targets: Readonly<Record<PipelineView['target']['kind'], string>> = {
  duckdb: text.warehouse,
  postgres: text.postgres,
  memory: text.memory,
}

/** What passes from one station to the next, per second. */
function Passage({ rate }: { readonly rate: number | null }) {
  const formats = useFormats()
  const isFlowing = rate !== null && rate > 0
  return (
    <li className={`passage ${isFlowing ? 'passage-on' : ''}`}>
      <span className="passage-rate tabular">{rate === null ? words.none : text.perSecond(formats.rate(rate))}</span>
      <svg className="passage-line" viewBox="0 0 60 10" preserveAspectRatio="none" aria-hidden>
        <line x1="0" y1="5" x2="60" y2="5" vectorEffect="non-scaling-stroke" />
      </svg>
      <svg className="passage-head" width="8" height="10" viewBox="0 0 8 10" aria-hidden>
        <path d="M1 1l6 4-6 4" />
      </svg>
    </li>
  )
}

/** A count that is a matter of concern when it is not zero. */
function Concern({
  count,
  tone,
  children,
}: {
  readonly count: number
  readonly tone: string
  readonly children: ReactNode
}) {
  return <li className={count > 0 ? tone : ''}>{children}</li>
}

function GeneratorStage({ view }: { readonly view: PipelineView | null }) {
  const formats = useFormats()
  const generator = view?.generator ?? null
  const isElsewhere = view?.source.kind === 'kafka' && !view.generator.enabled
  return (
    <Stage icon={Factory} name={isElsewhere ? text.elsewhere : text.generator}>
      {generator === null && <li>{words.none}</li>}
      {isElsewhere && <li>{text.elsewhereNote}</li>}
      {generator?.enabled === false && !isElsewhere && <li>{text.generatorOff}</li>}
      {generator?.enabled === true && (
        <>
          <li>{text.generatorRate(formats.rate(generator.rate))}</li>
          <li>{text.generatorStores(formats.count(generator.stores), generator.stores)}</li>
          <li>{text.seed(String(generator.seed))}</li>
        </>
      )}
    </Stage>
  )
}

function LogStage({ view }: { readonly view: PipelineView | null }) {
  const formats = useFormats()
  const lagSeconds = useBoard(({ board }) => board?.lag.seconds ?? null)
  const isRemote = view?.source.kind === 'kafka'
  return (
    <Stage icon={isRemote ? Server : HardDrive} name={isRemote ? text.kafka : text.log}>
      {isRemote && <Place title={view.source.title} />}
      <li>{view === null ? words.none : text.partitions(view.partitions.length)}</li>
      {!isRemote && <li>{view === null ? words.none : formats.bytes(view.logBytes)}</li>}
      <li>{lagSeconds === null ? words.none : text.lag(formats.duration(lagSeconds * 1_000))}</li>
    </Stage>
  )
}

function DecodeStage() {
  const formats = useFormats()
  const invalid = useBoard(({ board }) => board?.records.invalid ?? 0)
  const tombstone = useBoard(({ board }) => board?.records.tombstone ?? 0)
  return (
    <Stage icon={ScanLine} name={text.decode}>
      <Concern count={invalid} tone="is-bad">
        <a className="stage-link" href="#/quality">
          {text.invalid(formats.countShort(invalid))}
        </a>
      </Concern>
      <li>{text.tombstones(formats.countShort(tombstone), tombstone)}</li>
    </Stage>
  )
}

function EngineStage() {
  const formats = useFormats()
  const late = useBoard(({ board }) => board?.records.late ?? 0)
  const duplicate = useBoard(({ board }) => board?.records.duplicate ?? 0)
  const watermark = useBoard(({ board }) => board?.watermark ?? null)
  return (
    <Stage icon={Sigma} name={text.engine}>
      <Concern count={late} tone="is-warn">
        <a className="stage-link" href="#/quality">
          {text.late(formats.countShort(late))}
        </a>
      </Concern>
      <li>{text.duplicates(formats.countShort(duplicate))}</li>
      <li>
        {watermark === null ? (
          text.watermarkNone
        ) : (
          <>
            {words.frame.watermark.toLowerCase()} <Instant atMs={Date.parse(watermark)} />
          </>
        )}
      </li>
    </Stage>
  )
}

function WarehouseStage({ view }: { readonly view: PipelineView | null }) {
  const formats = useFormats()
  const epoch = useBoard(({ board }) => board?.epoch ?? null)
  const windows = useBoard(({ board }) => board?.warehouse.windows ?? null)
  return (
    <Stage icon={Database} name={targets[view?.target.kind ?? 'duckdb']}>
      {view?.target.kind === 'postgres' && <Place title={view.target.title} />}
      <li>{windows === null ? words.none : text.windows(formats.count(windows))}</li>
      <li>{epoch === null ? words.none : text.epoch(formats.count(epoch))}</li>
      {view?.target.kind === 'memory' && <li>{text.memoryNote}</li>}
      {(view === null || view.target.kind === 'duckdb') && (
        <li>{view === null ? words.none : formats.bytes(view.warehouseBytes)}</li>
      )}
    </Stage>
  )
}

function ViewerStage() {
  const formats = useFormats()
  const painted = useBoard(({ board }) => board?.latencyMs.hops.painted.p50 ?? null)
  const latency = useBoard(({ board }) => board?.latencyMs.p50 ?? null)
  return (
    <Stage icon={Eye} name={text.you}>
      <li>{painted === null ? text.paintedUnknown : text.painted(formats.duration(painted))}</li>
      {latency !== null && <li>{text.rowAge(formats.duration(latency))}</li>}
    </Stage>
  )
}

/** The way of the data, with what passes now. */
export function FlowPanel({ view }: { readonly view: PipelineView | null }) {
  const rates = useStore(useModel().rates, (state) => state.rates)
  const kept = rates === null ? null : rates.received - rates.invalid - rates.tombstone
  return (
    <Panel className="flow" title={text.flow} aside={text.rateSpan}>
      <ol className="flow-way">
        <GeneratorStage view={view} />
        <Passage rate={view?.generator.enabled === true ? view.generator.rate : (rates?.received ?? null)} />
        <LogStage view={view} />
        <Passage rate={rates?.received ?? null} />
        <DecodeStage />
        <Passage rate={kept} />
        <EngineStage />
        <Passage rate={rates?.counted ?? null} />
        <WarehouseStage view={view} />
        <Passage rate={rates?.boards ?? null} />
        <ViewerStage />
      </ol>
    </Panel>
  )
}
