import type { Token } from './sdk.ts'

/** Words that end a select list. */
const CLAUSES: ReadonlySet<string> = new Set([
  'except',
  'fetch',
  'from',
  'group',
  'having',
  'intersect',
  'into',
  'limit',
  'offset',
  'order',
  'qualify',
  'union',
  'where',
  'window',
])

/** Inside one pair of brackets: where the present item of a select list began, if one is under way. */
interface Frame {
  item: number | undefined
}

/** The items of all select lists: index of the first token → index of the last, alias included. */
export function selectListItems(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const items = new Map<number, number>()
  const frames: Frame[] = [{ item: undefined }]
  const end = (index: number, next: number | undefined) => {
    const frame = frames.at(-1)
    if (!frame) return
    if (frame.item !== undefined && frame.item < index) items.set(frame.item, index - 1)
    frame.item = next
  }
  tokens.forEach((token, index) => {
    const frame = frames.at(-1)
    const word = token.kind === 'word' && tokens[index - 1]?.text !== '.' ? token.name : undefined
    if (word === 'select') end(index, index + 1)
    else if (frame?.item === undefined) nest(token, frames)
    else if ((word === 'distinct' || word === 'all') && frame.item === index) frame.item = index + 1
    else if (token.text === ',') end(index, index + 1)
    else if (token.text === ';' || (word !== undefined && CLAUSES.has(word))) end(index, undefined)
    else {
      if (isClosing(token)) end(index, undefined)
      nest(token, frames)
    }
  })
  end(tokens.length, undefined)
  return items
}

function nest(token: Token, frames: Frame[]): void {
  if (['(', '[', '{'].includes(token.text)) frames.push({ item: undefined })
  if (isClosing(token) && frames.length > 1) frames.pop()
}

function isClosing({ text }: Token): boolean {
  return text === ')' || text === ']' || text === '}'
}
