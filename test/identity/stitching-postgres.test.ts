import { describe } from 'vitest'
import { freshDatabase } from '../postgres/database.ts'
import { stitchingContract } from './stitching.contract.ts'

describe('Postgres', () => stitchingContract(async () => ({ engine: 'postgres', url: await freshDatabase() })))
