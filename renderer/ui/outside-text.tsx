import { makeBrief } from '../../core/protocol/visible-text.ts'

/** More than this no tooltip shows at once. */
const longestTitle = 600

/**
 * Text that came from outside, as an id of a record: nothing in it is acted upon, its direction ends with it, and it is
 * cut where it is very long, with more of it on hover.
 */
export function OutsideText({ text, most = 120 }: { readonly text: string; readonly most?: number }) {
  return <bdi title={makeBrief(text, longestTitle)}>{makeBrief(text, most)}</bdi>
}
