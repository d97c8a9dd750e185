/** A store's line as it is in the chart: its colour and its dash. */
export function StoreSwatch({ storeId }: { readonly storeId: number }) {
  const colour = ((storeId - 1) % 8) + 1
  const dashes = [undefined, '6 3', '2 2', '8 3 2 3']
  return (
    <svg width="18" height="8" aria-hidden>
      <line
        x1="0"
        y1="4"
        x2="18"
        y2="4"
        strokeWidth="2.5"
        strokeDasharray={dashes[Math.floor((storeId - 1) / 8) % dashes.length]}
        style={{ stroke: `var(--store-${colour})` }}
      />
    </svg>
  )
}
