import { ToggleGroup } from 'radix-ui'
import type { ReactNode } from 'react'
import './segments.css'

export interface Segment<Value extends string> {
  readonly value: Value
  readonly label: ReactNode
  /** What it means, in full. */
  readonly title: string
}

interface SegmentsProps<Value extends string> {
  readonly label: string
  readonly segments: readonly Segment<Value>[]
  readonly value: Value
  readonly onChange: (value: Value) => void
}

/** A choice of one among a few. */
export function Segments<Value extends string>({ label, segments, value, onChange }: SegmentsProps<Value>) {
  const choose = (text: string): void => {
    const chosen = segments.find((segment) => segment.value === text)
    if (chosen) onChange(chosen.value)
  }
  return (
    <ToggleGroup.Root type="single" className="segments" aria-label={label} value={value} onValueChange={choose}>
      {segments.map((segment) => (
        <ToggleGroup.Item key={segment.value} value={segment.value} className="segment" aria-label={segment.title}>
          {segment.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
