export { type ParseResult, parseSelect } from './parse.ts'
export { type RewriteOptions, rewriteSelect } from './rewrite.ts'
export type { ParsedSelect, TableRef } from './select.ts'
