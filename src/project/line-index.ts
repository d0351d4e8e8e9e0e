import type { Place } from './project.ts'

export interface LineIndex {
  /** The place of an offset into the text. A line ends with its `\n`, so CRLF counts as one end. */
  readonly placeAt: (offset: number) => Place
}

export function lineIndex(text: string, file: string): LineIndex {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return {
    placeAt: (offset) => {
      let low = 0
      let high = starts.length - 1
      while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if ((starts[middle] ?? 0) <= offset) low = middle
        else high = middle - 1
      }
      return { file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
    },
  }
}
