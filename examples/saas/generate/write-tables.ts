import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { billingTables } from './billing.ts'
import type { Company } from './company.ts'
import { crmTables } from './crm.ts'
import { csv, type Row, type Table } from './table.ts'

/** Writes `billing/*.csv` and `crm/*.csv`, each whole or not at all; gives the rows of each by `schema.table`. */
export async function writeTables(company: Company, dataDir: string): Promise<Readonly<Record<string, number>>> {
  const tables = [...billingTables(company), ...crmTables(company)]
  await Promise.all(tables.map((table) => writeTable(table, dataDir)))
  return Object.fromEntries(tables.map(({ schema, name, rows }) => [`${schema}.${name}`, rows.length]))
}

function writeTable({ schema, name, rows }: Table, dataDir: string): Promise<void> {
  return writeCsv(rows, join(dataDir, schema, `${name}.csv`))
}

/** Writes the file whole or not at all. */
export async function writeCsv(rows: readonly Row[], path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.${process.pid}.tmp`, csv(rows))
  await rename(`${path}.${process.pid}.tmp`, path)
}
