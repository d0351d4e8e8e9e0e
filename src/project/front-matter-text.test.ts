import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../core/problems.ts'
import { isEmptySql, splitSql } from './front-matter-text.ts'

function split(text: string) {
  const problems: Problem[] = []
  return { ...splitSql(text, 'models/x.sql', (...found) => problems.push(...found)), problems }
}

describe('splitSql', () => {
  it('keeps the lines and columns of the front matter', () => {
    const { frontMatter, body, problems } = split('\r\n /* ---\r\n  a: 1\r\n  b: 2\r\n --- */\r\nselect 1')
    expect(frontMatter).toBe('\r\n       \r\n  a: 1\r\n  b: 2\r')
    expect(body).toBe('\r\nselect 1')
    expect(problems).toEqual([])
  })

  it('leaves ordinary comments alone', () => {
    for (const text of ['/* hello */ select 1', '/*----\n a: 1\n----*/ select 1', '/* --- title --- */ select 1', '']) {
      expect(split(text)).toEqual({ frontMatter: undefined, body: text, problems: [] })
    }
  })

  it('finds every key where it is in the file', () => {
    const blanks = fc.array(fc.constantFrom(' ', '\n', '\r\n', '\t')).map((parts) => parts.join(''))
    fc.assert(
      fc.property(
        blanks,
        fc.constantFrom('\n', '\r\n'),
        fc.stringMatching(/^[a-z]{1,8}: [a-z]{1,8}$/),
        (start, end, line) => {
          const text = `${start}/* ---${end}${line}${end}--- */ select 1`
          const { frontMatter = '' } = split(text)
          expect(frontMatter.indexOf(line)).toBe(text.indexOf(line))
          expect(frontMatter.split('\n').length).toBe(
            text.slice(0, text.indexOf(line) + line.length).split('\n').length,
          )
        },
      ),
    )
  })
})

describe('isEmptySql', () => {
  it.each(['', ' \n;', '-- x', '-- x\n/* a /* b */ c */ ;', '/* never closed', '/* -- */'])('%j says nothing', (sql) =>
    expect(isEmptySql(sql)).toBe(true),
  )
  it.each(['select 1', '-- x\nselect 1', '/* a */ x', '*/', "'-- text'", '- 1'])('%j says something', (sql) =>
    expect(isEmptySql(sql)).toBe(false),
  )
})
