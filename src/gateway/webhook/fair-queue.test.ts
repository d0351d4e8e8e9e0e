import { expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

function takeAll(queue: FairQueue<string>): readonly string[] {
  const taken: string[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item)
  return taken
}

test('owners take turns, each in its own order', () => {
  const queue = new FairQueue<string>(10)
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.add(item.charAt(0), item, 1)
  expect(takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3'])
  expect(queue.take()).toBeUndefined()
})

test('who comes while another has much to do waits for one turn', () => {
  const queue = new FairQueue<string>(10)
  for (const item of ['a1', 'a2', 'a3']) queue.add('a', item, 1)
  expect(queue.take()).toBe('a1')
  queue.add('b', 'b1', 1)
  expect(takeAll(queue)).toEqual(['a2', 'b1', 'a3'])
})

test('a full line refuses its owner only, until something is taken', () => {
  const queue = new FairQueue<string>(10)
  expect([queue.add('a', 'a1', 6), queue.add('a', 'a2', 4), queue.add('a', 'a3', 1)]).toEqual([true, true, false])
  expect(queue.add('b', 'b1', 10)).toBe(true)
  expect(queue.take()).toBe('a1')
  expect([queue.add('a', 'a4', 7), queue.add('a', 'a5', 6)]).toEqual([false, true])
  expect(takeAll(queue)).toEqual(['b1', 'a2', 'a5'])
})

test('what is heavier than a whole line waits alone', () => {
  const queue = new FairQueue<string>(10)
  expect([queue.add('a', 'a1', 99), queue.add('a', 'a2', 1)]).toEqual([true, false])
  expect(takeAll(queue)).toEqual(['a1'])
  expect(queue.add('a', 'a3', 1)).toBe(true)
})
