/** Longer bodies of refusals are cut: characters. */
export const MAX_BODY = 64 * 1024

/** A text that every engine stores: what Postgres refuses, NUL and halves of a character, is replaced by U+FFFD. */
export function storedText(text: string, most = Number.POSITIVE_INFINITY): string {
  return text.slice(0, most).replaceAll('\0', '\ufffd').toWellFormed()
}
