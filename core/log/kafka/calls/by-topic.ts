/** Groups items by their topic, as most requests want them. */
export function groupByTopic<Item extends { readonly topic: string }>(
  items: readonly Item[],
): readonly (readonly [string, readonly Item[]])[] {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(item.topic)
    if (group) group.push(item)
    else groups.set(item.topic, [item])
  }
  return [...groups]
}
