import { SHARES } from './dirt.ts'
import { type Device, device, type User } from './people.ts'
import { chance, integer, type Random, shuffled } from './random.ts'
import { byWorkspace } from './workspaces.ts'

/** Of shared machines: a kiosk, say at a front desk; the others are an office PC of two or three colleagues. */
const KIOSKS = 0.3

/** At some places colleagues use one machine besides their own. */
export function withSharedMachines(random: Random, users: readonly User[]): readonly User[] {
  const machines = new Map<User, Device>()
  for (const colleagues of shuffled(random, byWorkspace(users))) {
    if (machines.size >= SHARES.sharedMachine * users.length) break
    if (colleagues.length < 2) continue
    const wanted = chance(random, KIOSKS) ? integer(random, 4, 8) : integer(random, 2, 3)
    const machine = device(random, 'web', 'en-GB', true)
    for (const user of shuffled(random, colleagues).slice(0, wanted)) machines.set(user, machine)
  }
  return users.map((user) => {
    const machine = machines.get(user)
    return machine === undefined ? user : { ...user, devices: [...user.devices, machine] }
  })
}
