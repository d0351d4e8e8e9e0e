/** A name and the form of it that e-mail addresses take. */
export type Name = readonly [shown: string, local: string]

const plain = (names: string): readonly Name[] => names.split(' ').map((name) => [name, name.toLowerCase()])

export const FIRST_NAMES: readonly Name[] = [
  ...plain(
    'Ada Alan Alice Amara Amir Ana Anders Anita Aria Ben Bianca Bruno Carla Carlos Chen Chloe Clara Dana Daniel',
  ),
  ...plain('David Diego Elena Eli Emma Erik Esther Farid Fatima Felix Finn Grace Hana Hassan Helen Hugo Ida Igor Ines'),
  ...plain(
    'Isaac Ivan Jack Jana Jonas Judith Julia Kai Karim Kenji Laila Lars Laura Leo Lina Luca Lucy Maja Marco Maria',
  ),
  ...plain(
    'Marta Max Maya Mei Milan Mina Nadia Nils Nina Noah Nora Olga Oscar Pablo Paula Pedro Petra Priya Rafael Rana',
  ),
  ...plain('Ravi Rosa Ruth Sam Sara Sofia Sven Tara Tom Uma Vera Victor Wei Yara Yusuf Zara'),
  ['Zoë', 'zoe'],
  ['José', 'jose'],
  ['Łukasz', 'lukasz'],
  ['İrem', 'irem'],
  ['Søren', 'soren'],
  ['Anne-Marie', 'anne-marie'],
  ['D’Arcy', 'darcy'],
  ['Mia 🌊', 'mia'],
  ['明', 'ming'],
  ['Ольга', 'olga.r'],
]

export const LAST_NAMES: readonly Name[] = [
  ...plain(
    'Abbas Adler Ahmed Andersen Baker Becker Berg Blanc Bosch Brandt Campos Carter Castro Chang Clarke Cohen Costa',
  ),
  ...plain(
    'Cruz Dahl Davis Diaz Dubois Eriksen Evans Farah Fischer Flores Fontaine Garcia Gomes Green Haddad Hansen Hartmann',
  ),
  ...plain(
    'Hill Hoffmann Hughes Ito Ivanov Jansen Jensen Johnson Kaur Keller Khan Kim Klein Kowalski Kumar Lang Larsen Lee',
  ),
  ...plain(
    'Lehmann Lopez Lund Marino Martin Meyer Mills Moreau Morris Nakamura Novak Okafor Olsen Park Patel Peeters Pereira',
  ),
  ...plain(
    'Petrov Popescu Quinn Ramos Reed Ricci Roberts Romano Rossi Roy Russo Sato Schmidt Shah Silva Singh Smith Sousa',
  ),
  ...plain('Stone Suzuki Tanaka Thomas Torres Turner Vidal Vogel Wagner Walker Wang Weber White Wolf Wood Young Zhang'),
  ["O'Brien", "o'brien"],
  ["O'Neill", 'oneill'],
  ['Weiß', 'weiss'],
  ['Großmann', 'grossmann'],
  ['Müller', 'mueller'],
  ['İnan', 'inan'],
  ['Nuñez', 'nunez'],
  ['Nguyễn', 'nguyen'],
  ['van der Berg', 'vanderberg'],
  ['Smith, Jr.', 'smith.jr'],
  ['Díaz "Pepe"', 'diaz'],
]

const FIRST_WORDS =
  'Amber Arc Atlas Birch Blue Bright Cedar Clear Cobalt Copper Coral Delta Ember Fern Field Flint Forge Frost Golden Granite Grove Hazel Iron Juniper Lantern Larch Linden Lumen Maple Marble Meadow Mint Mosaic North Oak Ochre Onyx Opal Orbit Pine Polar Prism Quartz Raven Red River Rowan Sable Sage Silver Slate Solar Spruce Stone Summit Swift Tidal Umber Vale Velvet Violet Willow Zephyr'
const SECOND_WORDS =
  'Analytics Architects Bakery Clinic Consulting Design Dynamics Energy Films Foods Freight Games Health Labs Legal Logistics Media Mobility Partners Press Robotics Schools Software Studio Systems Travel Ventures Works'

const firstWords = FIRST_WORDS.split(' ')
const secondWords = SECOND_WORDS.split(' ')

/** The name and domain of the company of that number; no two are the same. The domains end in `.example`, which nobody owns. */
export function companyName(number: number): { readonly name: string; readonly domain: string } {
  const first = firstWords[number % firstWords.length] ?? ''
  const round = Math.floor(number / firstWords.length)
  const second = secondWords[(round * 5 + (number % firstWords.length)) % secondWords.length] ?? ''
  const again = Math.floor(round / secondWords.length)
  const suffix = again === 0 ? '' : String(again + 1)
  return {
    name: `${first} ${second}${suffix && ` ${suffix}`}`,
    domain: `${first}-${second}${suffix}.example`.toLowerCase(),
  }
}
