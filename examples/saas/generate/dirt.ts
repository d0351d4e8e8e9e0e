import { type Random, weighted } from './random.ts'

/** An e-mail address as somebody typed it into another system. */
export function typed(random: Random, email: string): string {
  const [local = '', domain = ''] = email.split('@')
  return weighted(random, [
    [email, 70],
    [`${capitalised(local)}@${domain}`, 12],
    [email.toUpperCase(), 6],
    [` ${email}`, 4],
    [`${email}  `, 4],
    [`${local}@${capitalised(domain)}\t`, 4],
  ])
}

function capitalised(text: string): string {
  return text.replace(/(^|[.-])([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
}
