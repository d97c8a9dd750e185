import { storeRoute } from '../stores/route.ts'
import { words } from '../words.ts'

/** A store by its number, which leads to its sheet. */
export const StoreLink = ({ storeId }: { readonly storeId: number }) => (
  <a className="link" href={`#${storeRoute(storeId)}`}>
    {words.sheet.number(String(storeId))}
  </a>
)
