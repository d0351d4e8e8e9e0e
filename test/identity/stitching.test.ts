import { describe } from 'vitest'
import { stitchingContract } from './stitching.contract.ts'

describe('DuckDB', () => stitchingContract(async () => ({ memory_limit: '512MB' })))
