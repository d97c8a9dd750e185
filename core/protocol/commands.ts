// Long because every command of the host stands here with its request and its answer.
import type { Board } from './board.ts'
import type { ClusterCommands } from './cluster.ts'
import type {
  AlertHistoryItem,
  BackfillView,
  HeatMap,
  PipelineView,
  QualitySeries,
  SaveSettingsAnswer,
  Series,
  SeriesRequest,
  SettingView,
  StoresAnswer,
  StoresRequest,
  StoreSheet,
  TileTrends,
} from './views.ts'

/** Requests a client may send to the host, each with its answer. Payloads are plain data. */
export interface Commands extends ViewCommands, ClusterCommands {
  readonly hello: { readonly request: Record<string, never>; readonly response: OwnerInfo }
  readonly status: { readonly request: Record<string, never>; readonly response: Board }
  readonly query: {
    readonly request: { readonly sql: string; readonly maxRows?: number }
    readonly response: QueryAnswer
  }
  readonly append: { readonly request: { readonly records: readonly WireRecord[] }; readonly response: AppendAnswer }
  /** Makes what was appended durable. */
  readonly sync: { readonly request: Record<string, never>; readonly response: Record<string, never> }
  readonly listLate: { readonly request: PageRequest; readonly response: { readonly entries: readonly LateItem[] } }
  readonly listQuarantine: {
    readonly request: PageRequest
    readonly response: { readonly entries: readonly QuarantineItem[] }
  }
  /** A record from the quarantine, else from the log. */
  readonly showQuarantined: {
    readonly request: { readonly ref: string }
    readonly response: RecordItem
  }
  readonly listConflicts: {
    readonly request: PageRequest
    readonly response: { readonly entries: readonly ConflictItem[] }
  }
  /** What the rows of the quarantine say of themselves. */
  readonly sumQuarantine: {
    readonly request: Record<string, never>
    readonly response: { readonly stores: readonly QuarantineStoreItem[] }
  }
  /** What the ledgers hold, and what has left them: exact, whatever rows have gone. */
  readonly sumLedgers: { readonly request: Record<string, never>; readonly response: LedgerSumsAnswer }
  readonly readmit: {
    readonly request: {
      readonly refs: readonly string[]
      readonly from: 'late' | 'quarantine'
      /** It is meant although the profile is locked. */
      readonly isConfirmed?: boolean
    }
    readonly response: ReadmitAnswer
  }
  readonly purgeQuarantine: {
    readonly request: {
      readonly refs: readonly string[] | null
      /** It is meant although the profile is locked. */
      readonly isConfirmed?: boolean
    }
    readonly response: { readonly purged: number }
  }
  readonly reportPainted: {
    readonly request: { readonly latencyMs: readonly number[] }
    readonly response: Record<string, never>
  }
  /** Who changed what, newest first. */
  readonly listAudit: { readonly request: PageRequest; readonly response: { readonly entries: readonly AuditItem[] } }
  /** Adds what a command has done to the audit trail; never answered to a page. */
  readonly noteDeed: { readonly request: Deed; readonly response: Record<string, never> }
  /** A one-time link to sign in with where this data directory is served; never answered to a page. */
  readonly mintLink: {
    readonly request: { readonly role: Role }
    readonly response: { readonly url: string; readonly expiresAt: string }
  }
}
export type CommandName = keyof Commands

/** What the pages ask for. */
export interface ViewCommands {
  readonly series: { readonly request: SeriesRequest; readonly response: Series }
  /** What the tiles showed over a span, at most 120 instants of it. */
  readonly trends: {
    readonly request: { readonly fromMs: number; readonly untilMs: number; readonly compareMs: number }
    readonly response: TileTrends
  }
  readonly stores: { readonly request: StoresRequest; readonly response: StoresAnswer }
  readonly heatMap: {
    readonly request: Omit<SeriesRequest, 'storeId'> & { readonly storeIds: readonly number[] }
    readonly response: HeatMap
  }
  readonly storeSheet: {
    readonly request: {
      readonly storeId: number
      readonly fromMs: number
      readonly untilMs: number
      readonly compareMs: number
    }
    readonly response: StoreSheet
  }
  readonly quality: { readonly request: Omit<SeriesRequest, 'storeId'>; readonly response: QualitySeries }
  readonly pipeline: { readonly request: Record<string, never>; readonly response: PipelineView }
  readonly alertHistory: {
    readonly request: { readonly limit: number }
    readonly response: { readonly alerts: readonly AlertHistoryItem[] }
  }
  readonly describeSettings: {
    readonly request: Record<string, never>
    readonly response: { readonly settings: readonly SettingView[]; readonly file: string }
  }
  /** Writes values to the profile file, all or none; null removes one. */
  readonly saveSettings: {
    readonly request: { readonly values: Readonly<Record<string, number | boolean | string | null>> }
    readonly response: SaveSettingsAnswer
  }
}

/** What the host pushes, sampled to at most ten a second. */
export interface Feeds extends ViewFeeds {
  readonly board: Board
}
export type FeedName = keyof Feeds

/** What the pages are pushed. */
export interface ViewFeeds {
  /** The last 15 minutes of all stores, twice a second while they change. */
  readonly recent: Series
  /** Progress of the back-fill; null once it is done. */
  readonly backfill: BackfillView | null
}

export interface OwnerInfo {
  readonly processId: number
  readonly command: string
  readonly version: string
  readonly profile: string
  /** What this connection may do; absent = operate. With `view` every command that writes is refused. */
  readonly role?: 'view' | 'operate'
}

/** What who is signed in to a served page may do: look, or also run commands that write. */
export type Role = 'view' | 'operate'

export interface PageRequest {
  readonly limit: number
  readonly offset: number
}

/** Bytes travel as base64. */
export interface WireRecord {
  readonly topic: string
  readonly key: string | null
  readonly value: string | null
}

export interface AppendAnswer {
  readonly appended: number
}

export type WireCell = string | number | boolean | null | readonly WireCell[] | { readonly [name: string]: WireCell }

export interface QueryAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly WireCell[])[]
  readonly truncated: boolean
}

export interface LateItem {
  readonly ref: string
  readonly storeId: number
  /** Cut to 1,000 characters, with an ellipsis; the warehouse has it whole. */
  readonly transactionId: string
  readonly eventTime: string
  readonly amount: string
  readonly latenessMs: number
  readonly readmittedAt: string | null
}

export interface QuarantineItem {
  readonly ref: string
  readonly reason: string
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly seenAt: string
  readonly readmittedAt: string | null
}

/** What was done, without who and when. `detail` is free text, never a secret. */
export interface Deed {
  readonly action: string
  readonly subject: string
  readonly detail: string
}

/** A record with its first 64 KiB. */
export interface RecordItem extends Omit<QuarantineItem, 'reason'> {
  /** Null where it is an event under the rules of now. */
  readonly reason: string | null
  /** What the field looks like, and what is read; null where there is nothing to add. */
  readonly hint: string | null
  /** `log`: it is not in the quarantine, or no longer. */
  readonly from: 'quarantine' | 'log'
  readonly base64: string
}

/** A record that came under an id already counted, with another content. */
export interface ConflictItem {
  readonly ref: string
  readonly id: string
  readonly epoch: number
}

/** Late sales of a store: those that do not count, and those that do after all. */
export interface LateStoreItem {
  readonly storeId: number
  readonly records: number
  readonly amount: string
  readonly readmitted: number
  readonly readmittedAmount: string
}

/** Sales in quarantine by the store they name; null for those that name none. */
export interface QuarantineStoreItem {
  readonly storeId: number | null
  readonly records: number
  /** Sum of the amounts that can be read. */
  readonly amount: string
  readonly withoutAmount: number
}

/** Rows of a ledger: those that can be listed, those that fell out of its bound, those taken out by hand. */
export interface LedgerRowsItem {
  readonly kept: number
  readonly evicted: number
  readonly purged: number
}

export interface LedgerSumsAnswer {
  readonly late: readonly LateStoreItem[]
  readonly rows: Readonly<Record<'late' | 'quarantine' | 'conflicts', LedgerRowsItem>>
}

export interface AuditItem {
  readonly at: string
  /** A user of the computer, or a session of a served page. */
  readonly who: string
  readonly action: string
  readonly subject: string
  readonly detail: string
}

export interface ReadmitAnswer {
  readonly results: readonly {
    readonly ref: string
    readonly outcome: 'readmitted' | 'already' | 'refused'
    readonly reason: string | null
  }[]
}
