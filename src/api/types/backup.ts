import type { BackupState } from '../../run/index.ts'
import { builder } from '../builder.ts'

const BackupType = builder.objectRef<BackupState>('Backup').implement({
  description: 'A copy of the project, made while it is at work.',
  fields: (t) => ({
    to: t.exposeString('to', { description: 'The folder it is written to.' }),
    state: t.exposeString('state', { description: '`running`, `done` or `failed`.' }),
    files: t.exposeInt('files', { description: 'Files copied so far.' }),
    bytes: t.exposeFloat('bytes', { description: 'Bytes copied so far.' }),
    pausedMs: t.exposeInt('pausedMs', {
      nullable: true,
      description: 'For so long landing and queries waited; collection did not.',
    }),
    logHead: t.exposeFloat('logHead', { nullable: true, description: 'The last record of the log that it holds.' }),
    withWarehouse: t.exposeBoolean('withWarehouse', {
      nullable: true,
      description: 'Whether the warehouse is in it: Postgres is not, and is to be dumped before.',
    }),
    archiveElsewhere: t.exposeString('archiveElsewhere', {
      nullable: true,
      description: 'The bucket that holds the archive, which is not in it.',
    }),
  }),
})

builder.queryField('backup', (t) =>
  t.field({
    type: BackupType,
    nullable: true,
    description: 'The last backup begun since the server was started; the error it failed with, if it did.',
    resolve: (_root, _args, { workspace }) => {
      const { last } = workspace.backups
      if (last?.error) throw last.error
      return last ?? null
    },
  }),
)

builder.mutationField('startBackup', (t) =>
  t.field({
    type: BackupType,
    description: 'Begins a backup; ask `backup` how it goes.',
    args: {
      to: t.arg.string({
        required: true,
        description: 'Absolute path of a new or empty folder on the machine of the server.',
      }),
    },
    resolve: (_root, { to }, { workspace }) => workspace.backups.start(to),
  }),
)
