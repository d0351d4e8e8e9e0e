/** One page of ListObjects, which every service has: its pages go on after a key. */
export interface S3Page {
  /** Keys of objects, and prefixes up to the next slash. */
  readonly keys: readonly string[]
  readonly last: boolean
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** What ListObjects answers; its XML nests no tag of a name in itself. */
export function readS3Page(xml: string): S3Page {
  const keys = elements(xml, 'Contents').flatMap((content) => tagText(content, 'Key') ?? [])
  const folders = elements(xml, 'CommonPrefixes').flatMap((content) => tagText(content, 'Prefix') ?? [])
  return { keys: [...keys, ...folders], last: tagText(xml, 'IsTruncated') !== 'true' }
}

/** The text of the first element of this name. */
export function tagText(xml: string, tag: string): string | undefined {
  const [text] = elements(xml, tag)
  return text?.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    return decimal === undefined ? (ENTITIES[name] ?? whole) : String.fromCodePoint(Number(decimal))
  })
}

function elements(xml: string, tag: string): string[] {
  return Array.from(xml.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs')), ([, content = '']) => content)
}
