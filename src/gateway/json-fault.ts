/** Where a text stops being JSON. */
export interface JsonFault {
  /** Characters before it; the text's length when the text ends too early. */
  readonly offset: number
  /** 1-based. */
  readonly line: number
  readonly column: number
}

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

const SPACE = /[ \t\n\r]*/y
const QUOTE = /"/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
const NUMBER_OR_NAME = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Finds the fault in a text that `JSON.parse` refuses (its messages often do not say where); undefined for JSON. */
export function findJsonFault(text: string): JsonFault | undefined {
  const scan = new Scan(text)
  if (scan.run()) return undefined
  const { at: offset } = scan
  const before = text.slice(0, offset)
  return { offset, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

/** A walk over the text that stops at the first character that cannot stand there. */
class Scan {
  readonly #text: string
  /** Open brackets; not the call stack, which a hostile text would overflow. */
  readonly #open: ('{' | '[')[] = []
  #expected: Expected = 'value'
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Whether the whole text is JSON; if not, `at` is where it stops being so. */
  run(): boolean {
    for (;;) {
      this.#pass(SPACE)
      if (this.at === this.#text.length) return this.#expected === 'nothing'
      if (!this.#step(this.#text.charAt(this.at))) return false
    }
  }

  #step(character: string): boolean {
    switch (this.#expected) {
      case 'value':
        return this.#value(character)
      case 'value or end':
        return character === ']' ? this.#close() : this.#value(character)
      case 'key':
        return this.#key(character)
      case 'key or end':
        return character === '}' ? this.#close() : this.#key(character)
      case 'colon':
        return character === ':' && this.#next('value')
      case 'comma or end':
        return this.#commaOrEnd(character)
      case 'nothing':
        return false
    }
  }

  #value(character: string): boolean {
    if (character === '{' || character === '[') {
      this.#open.push(character)
      return this.#next(character === '{' ? 'key or end' : 'value or end')
    }
    return (character === '"' ? this.#string() : this.#pass(NUMBER_OR_NAME)) && this.#afterValue()
  }

  #key(character: string): boolean {
    if (character !== '"' || !this.#string()) return false
    this.#expected = 'colon'
    return true
  }

  #commaOrEnd(character: string): boolean {
    const inObject = this.#open.at(-1) === '{'
    if (character === ',') return this.#next(inObject ? 'key' : 'value')
    return character === (inObject ? '}' : ']') && this.#close()
  }

  #close(): boolean {
    this.#open.pop()
    this.at++
    return this.#afterValue()
  }

  #afterValue(): boolean {
    this.#expected = this.#open.length === 0 ? 'nothing' : 'comma or end'
    return true
  }

  #next(expected: Expected): boolean {
    this.at++
    this.#expected = expected
    return true
  }

  #string(): boolean {
    this.at++
    for (;;) {
      while (isPlain(this.#text.charCodeAt(this.at))) this.at++
      if (this.#pass(QUOTE)) return true
      if (!this.#pass(ESCAPE)) return false
    }
  }

  /** Steps over what the sticky pattern matches; whether it matched. */
  #pass(pattern: RegExp): boolean {
    pattern.lastIndex = this.at
    if (!pattern.test(this.#text)) return false
    this.at = pattern.lastIndex
    return true
  }
}

/** Whether a character of this code stands in a string as itself. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code !== 0x22 && code !== 0x5c
}
