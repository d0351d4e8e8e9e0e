import { expect, test } from 'vitest'
import { Gate } from './gate.ts'

test('work inside ends first, its own nested work too, and what comes meanwhile waits', async () => {
  const gate = new Gate()
  const said: string[] = []
  const first = Promise.withResolvers<void>()
  const passing = gate.pass(async () => {
    await first.promise
    await gate.pass(async () => said.push('nested'))
    said.push('inside')
  })
  const alone = gate.alone(async () => {
    await Promise.resolve()
    said.push('alone')
  })
  const later = gate.pass(async () => said.push('later'))
  const aloneToo = gate.alone(async () => said.push('alone too'))
  first.resolve()
  await Promise.all([passing, alone, later, aloneToo])
  expect(said.slice(0, 3)).toEqual(['nested', 'inside', 'alone'])
  expect(said.slice(3).sort()).toEqual(['alone too', 'later'])
})

test('a failure inside or alone leaves the gate open', async () => {
  const gate = new Gate()
  await expect(gate.pass(() => Promise.reject(new Error('inside')))).rejects.toThrow('inside')
  await expect(gate.alone(() => Promise.reject(new Error('alone')))).rejects.toThrow('alone')
  expect(await gate.pass(async () => 'open')).toBe('open')
})
