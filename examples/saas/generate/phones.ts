import { integer, pick, type Random, weighted } from './random.ts'
import type { Noted } from './said.ts'

/** A phone number of a range that its country keeps free for films and books: nobody has it. */
export interface PhoneNumber {
  readonly country: Country
  readonly area: string
  readonly local: string
}

type Country = 'US' | 'GB' | 'DE' | 'FR' | 'AU'

interface Plan {
  readonly code: string
  /** Before the area, where one dials from within the country. */
  readonly trunk: string
  /** Of area and local number together. */
  readonly digits: number
  readonly ranges: readonly (readonly [area: string, localStart: string])[]
}

const ranges = (areas: string, start: string) => areas.split(' ').map((area) => [area, start] as const)

const PLANS: Readonly<Record<Country, Plan>> = {
  US: {
    code: '1',
    trunk: '',
    digits: 10,
    ranges: [
      ...ranges('202 206 212 213 214 215 303 305 312 313 315 319 402 404 405 410 412 414 415 501 502 503', '55501'),
      ...ranges('504 505 507 509 512 515 602 603 605 608 612 614 615 617 619 702 704 712 713 716 717 718', '55501'),
    ],
  },
  GB: { code: '44', trunk: '0', digits: 10, ranges: ranges('113 114 115 116 117 118 121 131 141 151 161', '4960') },
  DE: {
    code: '49',
    trunk: '0',
    digits: 10,
    ranges: [
      ['30', '23125'],
      ['40', '66969'],
      ['69', '90009'],
      ['89', '99998'],
      ['221', '4710'],
    ],
  },
  FR: {
    code: '33',
    trunk: '0',
    digits: 9,
    ranges: [
      ['1', '9900'],
      ['2', '6191'],
      ['3', '5301'],
      ['4', '6571'],
      ['5', '3649'],
    ],
  },
  AU: { code: '61', trunk: '0', digits: 9, ranges: [...ranges('2 3 7 8', '5550'), ...ranges('2 3 7 8', '7010')] },
}

/** Where the company is: its people write numbers of this country as one dials them there. */
const HOME: Country = 'DE'

/** Of people whose own country keeps no numbers free. */
const ELSEWHERE: Country = 'GB'

const isPlanned = (country: string): country is Country => country in PLANS

/** Draws until one is free; after so many it gives up. */
const DRAWS = 50

/** Gives out each number once. */
export class PhoneBook {
  readonly #taken = new Set<string>()

  /** A number of that country, if one is left. */
  free(random: Random, country: string): PhoneNumber | undefined {
    const home = isPlanned(country) ? country : ELSEWHERE
    const { ranges, digits } = PLANS[home]
    for (let draw = 0; draw < DRAWS; draw++) {
      const [area, start] = pick(random, ranges)
      const free = digits - area.length - start.length
      const local = start + String(integer(random, 0, 10 ** free - 1)).padStart(free, '0')
      const key = home + area + local
      if (this.#taken.has(key)) continue
      this.#taken.add(key)
      return { country: home, area, local }
    }
    return undefined
  }
}

/** e164 +493023125123 · spaced +49 30 23125123 · dialled 0049 30 … · bracketed +49 (0)30 … · national 030 23125123 · bare 03023125123 */
type Writing = 'e164' | 'spaced' | 'dialled' | 'bracketed' | 'national' | 'bare'

type Writings = readonly (readonly [writing: Writing, weight: number])[]

/** A form asks for the country; old versions of the app took what one typed. */
const IN_APP: Writings = [
  ['e164', 80],
  ['spaced', 12],
  ['national', 4],
  ['bare', 4],
]

const AT_HOME: Writings = [
  ['national', 40],
  ['bare', 15],
  ['spaced', 20],
  ['bracketed', 10],
  ['e164', 15],
]

const ABROAD: Writings = [
  ['spaced', 45],
  ['e164', 25],
  ['dialled', 15],
  ['bracketed', 9],
  ['national', 6],
]

/** As the app has it. */
export const givenToApp = (random: Random, number: PhoneNumber): Noted => noted(number, weighted(random, IN_APP))

/** As somebody at the company wrote it down. */
export function writtenDown(random: Random, number: PhoneNumber | undefined): Noted | undefined {
  if (number === undefined) return undefined
  return noted(number, weighted(random, number.country === HOME ? AT_HOME : ABROAD))
}

function noted(number: PhoneNumber, writing: Writing): Noted {
  const foreign = number.country !== HOME && (writing === 'national' || writing === 'bare')
  return { value: written(number, writing), dirt: foreign ? 'no_country' : undefined }
}

function written({ country, area, local }: PhoneNumber, writing: Writing): string {
  const { code, trunk } = PLANS[country]
  switch (writing) {
    case 'e164':
      return `+${code}${area}${local}`
    case 'spaced':
      return `+${code} ${area} ${local}`
    case 'dialled':
      return `00${code} ${area} ${local}`
    case 'bracketed':
      return `+${code} (${trunk})${area} ${local}`.replace('()', '')
    case 'national':
      return country === 'US' ? `(${area}) ${local.slice(0, 3)}-${local.slice(3)}` : `${trunk}${area} ${local}`
    case 'bare':
      return `${trunk}${area}${local}`
  }
}
