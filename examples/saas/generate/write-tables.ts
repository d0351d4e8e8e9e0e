import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { billingTables } from './billing.ts'
import type { Company } from './company.ts'
import { crmTables } from './crm.ts'
import { csv, type Table } from './table.ts'

/** Writes `billing/*.csv` and `crm/*.csv`, each whole or not at all; gives the rows of each by `schema.table`. */
export async function writeTables(company: Company, dataDir: string): Promise<Readonly<Record<string, number>>> {
  const tables = [...billingTables(company), ...crmTables(company)]
  await Promise.all(tables.map((table) => writeTable(table, dataDir)))
  return Object.fromEntries(tables.map(({ schema, name, rows }) => [`${schema}.${name}`, rows.length]))
}

async function writeTable({ schema, name, rows }: Table, dataDir: string): Promise<void> {
  const folder = join(dataDir, schema)
  const path = join(folder, `${name}.csv`)
  await mkdir(folder, { recursive: true })
  await writeFile(`${path}.${process.pid}.tmp`, csv(rows))
  await rename(`${path}.${process.pid}.tmp`, path)
}
