/** Every figure on screen as text: for one locale, one zone and one display currency. */
export interface Formats {
  readonly currency: string
  /** `$58,271`: whole from 100 on, with its decimals below. Cents. */
  readonly money: (cents: number) => string
  /** As `money` up to so many units, and `$7.36M` beyond, where there is little room. Cents. */
  readonly moneyFit: (cents: number, most: number) => string
  /** Always with its decimals. Cents. */
  readonly moneyExact: (cents: number) => string
  /** `$1.2K`, for an axis. Cents. */
  readonly moneyShort: (cents: number) => string
  readonly count: (value: number) => string
  /** `12.3K`, for an axis or a narrow cell. */
  readonly countShort: (value: number) => string
  /** One decimal below 100, none above. */
  readonly rate: (value: number) => string
  /** Of a share 0…1. */
  readonly percent: (share: number, digits?: number) => string
  /** `+18.0%`, `−1.4%`: how much a value lies above or below another; null where there is nothing to compare with. */
  readonly change: (value: number, compared: number | null) => string | null
  /** `63 ms`, `1.2 s`, `9 min`, `3.5 h`. */
  readonly duration: (ms: number) => string
  readonly bytes: (bytes: number) => string
  /** `14:22:31` in the viewer's zone. */
  readonly time: (atMs: number) => string
  /** `14:22`. */
  readonly minute: (atMs: number) => string
  /** `22 Nov` or as the locale has it. */
  readonly day: (atMs: number) => string
  /** Day and time. */
  readonly instant: (atMs: number) => string
  /** `2026-11-22 14:22:31 UTC`. */
  readonly utc: (atMs: number) => string
}

export interface FormatChoice {
  readonly locale: string
  readonly zone: string
  readonly currency: string
}

const centsPerUnit = 100
const wholeFromUnits = 100

/** A currency the platform does not know is written before the amount. */
function createMoneyFormat(choice: FormatChoice, options: Intl.NumberFormatOptions): (units: number) => string {
  try {
    const format = new Intl.NumberFormat(choice.locale, { style: 'currency', currency: choice.currency, ...options })
    return (units) => format.format(units)
  } catch {
    // The settings allow three capital letters, which need not be a currency.
    const format = new Intl.NumberFormat(choice.locale, options)
    return (units) => `${choice.currency} ${format.format(units)}`
  }
}

function createMoneyFormats(choice: FormatChoice): Pick<Formats, 'money' | 'moneyFit' | 'moneyExact' | 'moneyShort'> {
  const exact = createMoneyFormat(choice, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const whole = createMoneyFormat(choice, { maximumFractionDigits: 0 })
  const short = createMoneyFormat(choice, { notation: 'compact', maximumFractionDigits: 1, minimumFractionDigits: 0 })
  const fine = createMoneyFormat(choice, { notation: 'compact', maximumFractionDigits: 2, minimumFractionDigits: 2 })
  const money = (cents: number): string => {
    const units = cents / centsPerUnit
    return units !== 0 && Math.abs(units) < wholeFromUnits ? exact(units) : whole(units)
  }
  return {
    money,
    moneyFit: (cents, most) => (Math.abs(cents) < most * centsPerUnit ? money(cents) : fine(cents / centsPerUnit)),
    moneyExact: (cents) => exact(cents / centsPerUnit),
    moneyShort: (cents) => short(cents / centsPerUnit),
  }
}

interface DurationStep {
  readonly belowMs: number
  readonly unitMs: number
  readonly digits: number
  /** The symbol of the unit, which no language translates. */
  readonly symbol: string
}

const durationSteps: readonly DurationStep[] = [
  { belowMs: 0.95, unitMs: 1, digits: 1, symbol: 'ms' },
  { belowMs: 999.5, unitMs: 1, digits: 0, symbol: 'ms' },
  { belowMs: 9_950, unitMs: 1_000, digits: 1, symbol: 's' },
  { belowMs: 99_500, unitMs: 1_000, digits: 0, symbol: 's' },
  { belowMs: 5_970_000, unitMs: 60_000, digits: 0, symbol: 'min' },
  { belowMs: 172_800_000, unitMs: 3_600_000, digits: 1, symbol: 'h' },
  { belowMs: Number.POSITIVE_INFINITY, unitMs: 86_400_000, digits: 0, symbol: 'd' },
]

function createDurationFormat(locale: string): (ms: number) => string {
  const numbers = [0, 1].map(
    (digits) => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  )
  return (ms) => {
    const step = durationSteps.find(({ belowMs }) => Math.abs(ms) < belowMs)
    if (step === undefined) return ''
    // A whole number of seconds, and nothing at all, need no decimal.
    const digits = ms % step.unitMs === 0 ? 0 : step.digits
    return `${numbers[digits]?.format(ms / step.unitMs)}\u00a0${step.symbol}`
  }
}

function createBytesFormat(locale: string): (bytes: number) => string {
  const units = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'].map(
    (unit, index) =>
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        maximumFractionDigits: index === 0 ? 0 : 1,
      }),
  )
  const plain = new Intl.NumberFormat(locale)
  return (bytes) => {
    if (bytes < 1_000) return `${plain.format(bytes)}\u00a0B`
    const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
    return units[power - 1]?.format(bytes / 1_000 ** power) ?? String(bytes)
  }
}

type TimeFormats = Pick<Formats, 'time' | 'minute' | 'day' | 'instant' | 'utc'>

function createTimeFormats({ locale, zone }: FormatChoice): TimeFormats {
  const create = (options: Intl.DateTimeFormatOptions): ((atMs: number) => string) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: 'h23', ...options })
    return (atMs) => format.format(atMs)
  }
  return {
    time: create({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    minute: create({ hour: '2-digit', minute: '2-digit' }),
    day: create({ day: 'numeric', month: 'short' }),
    instant: create({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    utc: (atMs) => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
  }
}

/** Creates the formats of one choice; formats are costly to make and cheap to use. */
export function createFormats(choice: FormatChoice): Formats {
  const { locale } = choice
  const number = (options: Intl.NumberFormatOptions): Intl.NumberFormat => new Intl.NumberFormat(locale, options)
  const count = number({ maximumFractionDigits: 0 })
  const countShort = number({ notation: 'compact', maximumFractionDigits: 1 })
  const tenths = number({ minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const change = number({
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  })
  const percents = new Map<number, Intl.NumberFormat>()
  return {
    currency: choice.currency,
    ...createMoneyFormats(choice),
    ...createTimeFormats(choice),
    count: (value) => count.format(value),
    countShort: (value) => (Math.abs(value) < 10_000 ? count.format(value) : countShort.format(value)),
    rate: (value) => (Math.abs(value) < 100 ? tenths : count).format(value),
    percent: (share, digits = 0) => {
      const known = percents.get(digits)
      const format = known ?? number({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits })
      if (!known) percents.set(digits, format)
      return format.format(share)
    },
    // A real minus sign is as wide as a plus.
    change: (value, compared) =>
      compared === null || compared === 0 ? null : change.format(value / compared - 1).replace('-', '−'),
    duration: createDurationFormat(locale),
    bytes: createBytesFormat(locale),
  }
}

/** Cents of a decimal text with up to two decimals, as the board has them. */
export const readCents = (decimal: string): number => Math.round(Number(decimal) * centsPerUnit)
