import { describe } from 'vitest'
import { freshDatabase } from '../postgres/database.ts'
import { loaderContract } from './loader.contract.ts'

describe('landing on Postgres', () => {
  loaderContract(async () => ({ engine: 'postgres', url: await freshDatabase() }))
})
