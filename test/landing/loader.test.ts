import { describe } from 'vitest'
import { loaderContract } from './loader.contract.ts'

describe('landing on DuckDB', () => {
  loaderContract(async () => ({ memory_limit: '512MB', threads: 1 }))
})
