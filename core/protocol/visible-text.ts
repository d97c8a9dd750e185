/**
 * How text from outside is shown to a person. Ids, keys and bytes of records may hold anything that JSON can spell:
 * sequences that a terminal obeys, marks that turn the direction of what follows, characters that nobody sees.
 */

/**
 * What is acted upon or not seen, and so never shown as it is: controls, formats (directions, joiners, tags, byte order
 * marks), what is ignored by default, line and paragraph separators, and lone surrogates.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/gu

const names = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** Each UTF-16 unit as JSON escapes it. */
function spell(character: string): string {
  let spelt = ''
  for (let index = 0; index < character.length; index += 1) {
    spelt += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  }
  return spelt
}

/**
 * The text with everything that is acted upon or not seen spelt as an escape (`\u202e`, `\n`). Nothing else changes; of
 * a JSON text the result is JSON of the same value, as long as it has no white space but spaces.
 */
export const makeVisible = (text: string): string =>
  text.replaceAll(unseen, (character) => names.get(character) ?? spell(character))

/** As {@link makeVisible}, cut to `most` characters with an ellipsis: there is no bound to the length of an id. */
export function makeBrief(text: string, most: number): string {
  if (text.length <= most) return makeVisible(text)
  // Not between the halves of one character.
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 2)) ? most - 2 : most - 1
  return `${makeVisible(text.slice(0, end))}…`
}
