export { buildGraph, type Graph, type GraphNode, selectNodes } from './graph.ts'
export { materialise, type Materialisation } from './materialise.ts'
export { buildProfiles, type TraitModel } from './profiles.ts'
export { type ParsedSelect, parseSelect, rewriteSelect, type TableRef } from './sql/index.ts'
