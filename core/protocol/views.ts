/** What the pages ask for beside the board. Instants are milliseconds UTC, amounts integer cents: they are drawn, not read. */

/** Minutes (or coarser steps) of one store or of all, as columns of equal length, oldest first; steps without a sale are absent. */
export interface Series {
  readonly stepMs: number
  readonly startMs: readonly number[]
  readonly transactions: readonly number[]
  readonly cents: readonly number[]
  /** Every window of the step is final. */
  readonly final: readonly boolean[]
}

/** [fromMs, untilMs); `stepMs` is a multiple of the window size. `storeId` null = all stores. */
export interface SeriesRequest {
  readonly fromMs: number
  readonly untilMs: number
  readonly stepMs: number
  readonly storeId: number | null
}

/** The figures of the board that no series holds, at instants, oldest first; null without a sample. */
export interface TileTrends {
  readonly atMs: readonly number[]
  readonly customers: readonly (number | null)[]
  readonly p50Ms: readonly (number | null)[]
  readonly dataQuality: readonly (number | null)[]
  /** The same figures `compareMs` before now; null where nothing is known of then. */
  readonly compared: {
    readonly customers: number | null
    readonly p50Ms: number | null
    readonly dataQuality: number | null
  }
}

export type StoreSort = 'revenue' | 'transactions' | 'average' | 'change' | 'name' | 'id' | 'latest'

/** One store over a span, and beside the span before it of equal length. */
export interface StoreSummary {
  readonly id: number
  readonly name: string
  readonly city: string | null
  readonly zone: string | null
  readonly transactions: number
  readonly cents: number
  /** Cents over the compared span; null where there is no data for it. */
  readonly comparedCents: number | null
  /** Start of its latest window with a sale, or null. */
  readonly latestMs: number | null
  /** Cents per twelfth of the span, oldest first: the row's sparkline. */
  readonly sparkline: readonly number[]
  /** Since when the store is silent, where that is an alarm; else null. */
  readonly silentSinceMs: number | null
  /** It sold nothing in the span, and is closed at its end. */
  readonly isClosed: boolean
}

export interface StoresRequest {
  readonly fromMs: number
  readonly untilMs: number
  /** How far back the compared span lies (a day: 86,400,000); 0 = no comparison. */
  readonly compareMs: number
  readonly sort: StoreSort
  readonly descending: boolean
  /** Part of a name, a city or an id; '' = all. */
  readonly filter: string
  readonly offset: number
  readonly limit: number
}

export interface StoresAnswer {
  /** Stores that match the filter. */
  readonly total: number
  /** How many of them are silent; they come first, whatever the order. */
  readonly silent: number
  readonly rows: readonly StoreSummary[]
}

/** Store × step heat map: `cents[row][column]`. */
export interface HeatMap {
  readonly stepMs: number
  readonly startMs: readonly number[]
  readonly stores: readonly { readonly id: number; readonly name: string }[]
  readonly cents: readonly (readonly number[])[]
}

/** One store's own sheet. */
export interface StoreSheet {
  readonly summary: StoreSummary
  readonly opensAtMinute: number | null
  readonly closesAtMinute: number | null
  readonly series: Series
  readonly averageCents: number | null
  /** Distinct, merged from the windows' sketches: within about 5 %. */
  readonly customers: number
  readonly late: number
  readonly usualGapMs: number | null
}

/** Invalid and late records by step of their read instant. */
export interface QualitySeries {
  readonly stepMs: number
  readonly startMs: readonly number[]
  readonly late: readonly number[]
  /** Per reason that occurs, counts by step. */
  readonly reasons: Readonly<Record<string, readonly number[]>>
}

export interface PartitionView {
  readonly topic: string
  readonly partition: number
  readonly startOffset: number
  readonly committedOffset: number
  readonly endOffset: number
  readonly sizeBytes: number
}

/** The way of the data, with figures. */
export interface PipelineView {
  /** Where events come from. */
  readonly source: {
    readonly kind: 'local-log' | 'kafka'
    /** The server, or null where it is this computer. */
    readonly title: string | null
    /** Partitions that hold more and give nothing, with the reason. */
    readonly waiting: readonly { readonly topic: string; readonly partition: number; readonly reason: string }[]
  }
  /** Where rows go. */
  readonly target: {
    readonly kind: 'duckdb' | 'postgres' | 'memory'
    /** The server, or null where it is this computer. */
    readonly title: string | null
  }
  /** Records not yet committed, by how many they grow a second, and when there will be none; null where that cannot be told. */
  readonly lag: {
    readonly records: number
    readonly changePerSecond: number | null
    readonly etaSeconds: number | null
  }
  /**
   * A Spark query beside us, by its checkpoint: its newest committed batch, the records it has not read and the age of the
   * oldest of them, or why that cannot be told. Absent where none is watched.
   */
  readonly spark?: {
    readonly batch: number | null
    readonly records: number | null
    readonly seconds: number | null
    readonly problem: string | null
  }
  readonly partitions: readonly PartitionView[]
  readonly logBytes: number
  readonly warehouseBytes: number
  /** The last commits, newest last: when, how many records, how long from read to row. */
  readonly commits: readonly { readonly atMs: number; readonly records: number; readonly durationMs: number }[]
  readonly generator: {
    readonly enabled: boolean
    readonly rate: number
    readonly stores: number
    readonly seed: number
  }
  readonly processes: readonly {
    readonly name: string
    readonly processId: number
    readonly rssBytes: number
    readonly cpuPercent: number
  }[]
  readonly dataDirectory: string
  readonly startedAt: string
}

export interface AlertHistoryItem {
  readonly id: string
  readonly kind: string
  readonly severity: 'warning' | 'critical'
  readonly message: string
  readonly storeId: number | null
  readonly since: string
  readonly resolvedAt: string | null
}

/** One row of the settings table, for the form. */
export interface SettingView {
  readonly name: string
  readonly kind: 'number' | 'boolean' | 'text' | 'choice'
  readonly choices: readonly string[]
  readonly value: number | boolean | string
  readonly default: number | boolean | string
  readonly source: 'default' | 'profile' | 'environment' | 'flag'
  readonly doc: string
  /** Takes effect at the next start only. */
  readonly needsRestart: boolean
}

/** What saving did. A refused value changes nothing at all. */
export interface SaveSettingsAnswer {
  readonly saved: boolean
  readonly errors: readonly { readonly name: string; readonly message: string }[]
}

/** How much of the past is being made, 0…1; null when that is done. */
export interface BackfillView {
  readonly share: number
  readonly fromMs: number
  readonly untilMs: number
}
