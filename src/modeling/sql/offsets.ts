/** Turns offsets in Unicode characters, which the parser counts, into offsets of the JavaScript string. */
export function characterOffsets(text: string): (character: number) => number {
  if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return (character) => Math.min(character, text.length)
  const offsets: number[] = []
  let offset = 0
  for (const character of text) {
    offsets.push(offset)
    offset += character.length
  }
  return (character) => offsets[character] ?? text.length
}
