export { type Graph, type GraphNode, selectNodes } from './graph.ts'
export { type Materialisation, materialise } from './materialise.ts'
export { type ParsedSelect, parseSelect, rewriteSelect, type TableRef } from './sql/index.ts'
export { buildTraitTable, type TraitModel } from './trait-table.ts'
