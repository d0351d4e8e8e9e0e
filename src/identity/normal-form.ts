import jsonata from 'jsonata'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { IdentifierType } from '../project/index.ts'

/** The normal form of a text, null where it names nobody. */
export type NormalForm = (raw: string) => Promise<string | null> | string | null

/** How texts of a type become values: by its expression, else as phone numbers. */
export function normalFormOf({ expression, country }: Pick<IdentifierType, 'expression' | 'country'>): NormalForm {
  return expression === undefined ? (raw) => phoneNumber(raw, country) : byExpression(expression)
}

/** E.164, such as +4930901820; null for what is no number, and for national ones where no country is known. */
export function phoneNumber(raw: string, country: string | undefined): string | null {
  const text = raw.trim().replace(/^00(?=[1-9])/, '+')
  const number = parsePhoneNumberFromString(text, country as CountryCode | undefined) // an unknown one finds nothing
  // A country that is only assumed must have such a number.
  const isOne = text.startsWith('+') ? number?.isPossible() : number?.isValid()
  return isOne ? (number?.number ?? null) : null
}

/** An expression that fails on a text, or gives no text, names nobody by it. */
function byExpression(text: string): NormalForm {
  const expression = jsonata(text)
  return async (raw) => {
    const result: unknown = await expression.evaluate(raw).catch(() => undefined)
    if (typeof result === 'number' || typeof result === 'boolean') return String(result)
    return typeof result === 'string' && result !== '' ? result : null
  }
}
