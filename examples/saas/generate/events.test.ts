import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { events, generateCompany, type SegmentMessage } from './index.ts'
import { DAY } from './period.ts'

const END = new Date('2026-06-15T12:00:00Z')

const hashOf = (seed: number) => {
  const hash = createHash('sha256')
  const company = generateCompany({ seed, end: END, users: 60, days: 30, minEvents: 2000 })
  for (const message of events(company)) hash.update(JSON.stringify(message))
  return hash.digest('hex')
}

const company = generateCompany({ seed: 1, end: END })
const messages: readonly SegmentMessage[] = [...events(company)]

describe('events', () => {
  it('are the same for the same seed, on every machine', () => {
    expect(hashOf(7)).toBe('208c55d475c4d72becda362625f66494daf362e3c58352732e0f9c18326ad2ff')
    expect(hashOf(8)).not.toBe(hashOf(7))
  })

  it('are as many as announced, each with an id of its own', () => {
    expect(messages.length).toBeGreaterThanOrEqual(200_000)
    expect(messages.length).toBe(company.eventCount)
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(messages.length)
  })

  it.each([1, 300, 7001])('hold at least what a small company is asked for: %i', (minEvents) => {
    const small = generateCompany({ seed: 3, end: END, users: 5, days: 20, minEvents })
    expect(small.eventCount).toBeGreaterThanOrEqual(minEvents)
    expect([...events(small)]).toHaveLength(small.eventCount)
  })

  it('come in the order of time and within the period', () => {
    const times = messages.map(({ timestamp }) => timestamp)
    expect(times).toEqual(times.toSorted())
    expect(Date.parse(times[0] ?? '')).toBeGreaterThanOrEqual(END.getTime() - 90 * DAY)
    expect(Date.parse(times.at(-1) ?? '')).toBeLessThanOrEqual(END.getTime())
  })

  it('show every user', () => {
    const seen = new Set(messages.flatMap(({ userId }) => userId ?? []))
    expect(seen).toEqual(new Set(company.users.map(({ id }) => id)))
    expect(seen.size).toBe(2000)
  })

  it('fade before a workspace leaves', () => {
    const counts = new Map<string, { before: number; after: number }>()
    const leaving = new Map(
      company.users.flatMap(({ id, workspace: { churn, id: workspace } }) =>
        churn === undefined || churn.cause === 'trial' ? [] : [[id, { workspace, at: churn.at }]],
      ),
    )
    for (const { userId, timestamp } of messages) {
      const leaver = leaving.get(userId ?? '')
      if (leaver === undefined) continue
      const daysLeft = (leaver.at - Date.parse(timestamp)) / DAY
      const count = counts.get(leaver.workspace) ?? { before: 0, after: 0 }
      if (daysLeft <= 14) count.after++
      else if (daysLeft > 28 && daysLeft <= 42) count.before++
      counts.set(leaver.workspace, count)
    }
    const judged = [...counts.values()].filter(({ before }) => before >= 30)
    expect(judged.length).toBeGreaterThan(20)
    const halved = judged.filter(({ before, after }) => after <= before / 2)
    expect(halved.length / judged.length).toBeGreaterThan(0.9)
  })

  it('hold what makes identity hard', () => {
    const usersByDevice = new Map<string, Set<string>>()
    const devicesByUser = new Map<string, Set<string>>()
    for (const message of messages) {
      if (message.type === 'alias' || message.userId === undefined || message.anonymousId === undefined) continue
      const { userId, anonymousId } = message
      usersByDevice.set(anonymousId, (usersByDevice.get(anonymousId) ?? new Set()).add(userId))
      devicesByUser.set(userId, (devicesByUser.get(userId) ?? new Set()).add(anonymousId))
    }
    const shared = [...usersByDevice.values()].filter(({ size }) => size > 1)
    expect(shared.length).toBeGreaterThan(3)
    expect(shared.length).toBeLessThan(30)
    expect([...devicesByUser.values()].filter(({ size }) => size > 1).length).toBeGreaterThan(300)
    expect(messages.some(({ type }) => type === 'alias')).toBe(true)
  })

  it('let visitors look around before they sign up', () => {
    const visited = new Map<string, string>()
    let converted = 0
    for (const message of messages) {
      if (message.type === 'alias' || message.anonymousId === undefined) continue
      if (message.userId === undefined) visited.set(message.anonymousId, message.timestamp)
      if (message.type === 'track' && message.event === 'Signed Up' && visited.has(message.anonymousId)) converted++
    }
    expect(converted).toBeGreaterThan(100)
  })

  it('leave the consent of some unsaid', () => {
    const said = new Map<string, boolean>()
    for (const message of messages) {
      if (message.type === 'identify') said.set(message.userId ?? '', message.traits.consent_advertising !== undefined)
    }
    const unsaid = [...said.values()].filter((was) => !was)
    expect(unsaid.length / said.size).toBeGreaterThan(0.03)
    expect(unsaid.length / said.size).toBeLessThan(0.1)
  })
})
