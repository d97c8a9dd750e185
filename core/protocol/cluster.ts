import type { SettingView } from './views.ts'

/** Profiles, what they are attached to, and the cluster's table beside ours: what crosses a border of it. */

export const profileColours = ['blue', 'green', 'amber', 'red', 'violet', 'teal'] as const
export type ProfileColour = (typeof profileColours)[number]

export type ProfileKindText = 'local' | 'watch' | 'process' | 'kafka-local'

export interface ProfileView {
  readonly name: string
  readonly title: string
  readonly kind: ProfileKindText
  /** Built in: it is always there and keeps its name. */
  readonly isBuiltIn: boolean
  /** This process has it open. */
  readonly isCurrent: boolean
  readonly colour: ProfileColour | null
  /** Nothing about it changes until it is unlocked, and what writes asks twice. */
  readonly isLocked: boolean
  /** It writes nothing on the cluster. */
  readonly isReadOnly: boolean
  /** What it lacks before it can be opened, in words; empty when nothing. */
  readonly lacks: readonly string[]
  /** Servers that events come from and rows go to; null where that is this computer. */
  readonly eventsFrom: string | null
  readonly rowsTo: string | null
}

/** A profile that could not be opened: the one before it was opened again. */
export interface SwitchFailure {
  readonly profile: string
  readonly message: string
  readonly hint: string | null
}

export interface ProfilesAnswer {
  readonly profiles: readonly ProfileView[]
  /** Why profiles cannot be switched here, or null where they can. */
  readonly cannotSwitch: string | null
  /** What became of the last switch, where it failed. */
  readonly failure: SwitchFailure | null
  /** The open profile waits: its database has no schema yet, and nobody has said that it may be made. */
  readonly needsSchema: boolean
}

/** What would be made in a database that a profile's rows go to, and by which rights. */
export interface SchemaPlanView {
  /** Host and port. */
  readonly server: string
  readonly database: string
  readonly user: string
  /** Every table that is made, with its schema. */
  readonly tables: readonly string[]
  readonly rights: readonly { readonly right: string; readonly isGranted: boolean; readonly grant: string }[]
  /** Rows of somebody else's in a `transactions_summary` that is there; 1,000,001 stands for any more. */
  readonly foreignRows: number
  /** Why that table cannot be written as it is, a sentence each. */
  readonly shapeProblems: readonly string[]
}

export interface ProfileChanges {
  readonly title?: string
  readonly colour?: ProfileColour | null
  readonly isLocked?: boolean
}

/** What saving did. A refused value changes nothing at all. */
export interface SaveAnswer {
  readonly saved: boolean
  readonly errors: readonly { readonly name: string; readonly message: string }[]
}

export const connectionGroups = ['kafka', 'security', 'tunnel', 'registry', 'postgres', 'redis', 'archive'] as const
export type ConnectionGroup = (typeof connectionGroups)[number]

/** One setting of a connection, for its form. Of a secret only whether there is one. */
export interface ConnectionField {
  readonly name: string
  readonly group: ConnectionGroup
  readonly kind: SettingView['kind'] | 'secret'
  readonly choices: readonly string[]
  /** Empty for a secret. */
  readonly value: SettingView['value']
  readonly default: SettingView['value']
  readonly source: SettingView['source']
  readonly doc: string
  /** Whether a secret is there. */
  readonly isSet: boolean
  /** Where it leads to, of a secret that is an address: `db.example:5432/retail`. */
  readonly place: string | null
  /** The environment variable that means it. */
  readonly variable: string
}

export interface ConnectionView {
  readonly profile: string
  readonly title: string
  readonly kind: ProfileKindText
  readonly isLocked: boolean
  readonly isCurrent: boolean
  readonly fields: readonly ConnectionField[]
  /** Why typed secrets cannot be kept here, or null where a keyring keeps them. */
  readonly cannotKeepSecrets: string | null
}

export type ConnectionValues = Readonly<Record<string, SettingView['value'] | null>>

/** What is typed in the form of a profile and not saved. */
export interface ConnectionDraft {
  readonly profile: string
  /** Null goes back to the default. */
  readonly values: ConnectionValues
  /** Null forgets one. */
  readonly secrets: Readonly<Record<string, string | null>>
  /** A client.properties file whose secrets are meant where none is typed. */
  readonly properties: string | null
}

export interface FindingView {
  readonly step: string
  readonly verdict: 'ok' | 'warning' | 'failed'
  readonly message: string
  readonly fix: string | null
}

export interface CheckProgress {
  /** From the asked one on. */
  readonly findings: readonly FindingView[]
  readonly isDone: boolean
}

export interface ImportedProperties {
  readonly values: Readonly<Record<string, SettingView['value']>>
  /** Settings whose secret is in the file; it stays there. */
  readonly secrets: readonly string[]
  /** Keys that mean nothing here, each with a word of why. */
  readonly ignored: readonly { readonly key: string; readonly why: string }[]
}

export type DifferenceColumn = 'transactions' | 'revenue' | 'customers'

/** One window that is not the same on both sides. */
export interface DifferenceRow {
  readonly storeId: number
  readonly startMs: number
  readonly outcome: 'differs' | 'only-there' | 'only-here'
  /** Columns that differ, as they stand; null on the side where the window is missing. */
  readonly columns: readonly {
    readonly column: DifferenceColumn
    readonly here: string | null
    readonly there: string | null
  }[]
}

export interface TableDifference {
  /** Who else's table it is: host and database. */
  readonly table: string
  readonly same: number
  readonly differs: number
  readonly onlyThere: number
  readonly onlyHere: number
  /** Windows that may still change here: not compared. */
  readonly open: number
  /** The newest window in the cluster's table; null when it is empty. */
  readonly latestThereMs: number | null
  /** The first 200 that are not the same, newest first. */
  readonly rows: readonly DifferenceRow[]
}

type Nothing = Readonly<Record<string, never>>

/** Commands about profiles and what they are attached to. */
export interface ClusterCommands {
  readonly listProfiles: { readonly request: Nothing; readonly response: ProfilesAnswer }
  /** Makes a profile of that kind with a name of its own, made from the title. */
  readonly createProfile: {
    readonly request: {
      readonly title: string
      readonly kind: ProfileKindText
      readonly colour: ProfileColour | null
    }
    readonly response: { readonly name: string }
  }
  readonly updateProfile: {
    readonly request: { readonly profile: string; readonly changes: ProfileChanges }
    readonly response: Nothing
  }
  /** Deletes the file and the secrets of a profile of the user's own that is not open; its data stays where it is. */
  readonly deleteProfile: {
    readonly request: { readonly profile: string }
    readonly response: { readonly dataDirectory: string }
  }
  /** Ends what is open and opens that profile's; answered before. The open one is opened anew. */
  readonly switchProfile: {
    readonly request: { readonly profile: string; readonly isConfirmed: boolean }
    readonly response: Nothing
  }
  /** What opening the profile would make in its database; null where there is nothing to make. Changes nothing. */
  readonly planSchema: {
    readonly request: { readonly profile: string }
    readonly response: { readonly plan: SchemaPlanView | null }
  }
  /** Makes it. The open profile is opened anew, once it is made. */
  readonly createSchema: {
    readonly request: {
      readonly profile: string
      /** Takes a table with somebody else's rows over; they stay as they are. */
      readonly adopts: boolean
      /** It is meant although the profile is locked. */
      readonly isConfirmed: boolean
    }
    readonly response: Nothing
  }
  readonly describeConnection: { readonly request: { readonly profile: string }; readonly response: ConnectionView }
  readonly saveConnection: { readonly request: ConnectionDraft; readonly response: SaveAnswer }
  /** Begins to examine a connection as it is typed; a check nobody reads from for a while ends. */
  readonly checkConnection: { readonly request: ConnectionDraft; readonly response: { readonly check: number } }
  /** Waits at most a second for a finding beyond the first `from`. */
  readonly readCheck: {
    readonly request: { readonly check: number; readonly from: number }
    readonly response: CheckProgress
  }
  readonly importClientProperties: {
    readonly request: { readonly text: string }
    readonly response: ImportedProperties
  }
  /** The cluster's table beside ours; null where the profile has none to read. */
  readonly compareTables: {
    readonly request: { readonly fromMs: number; readonly untilMs: number }
    readonly response: TableDifference | null
  }
}
