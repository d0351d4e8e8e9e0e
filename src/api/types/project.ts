import type { Project } from '../../project/index.ts'
import { builder } from '../builder.ts'

const ProjectType = builder.objectRef<Project>('Project').implement({
  description: 'The project this server works on, in one environment.',
  fields: (t) => ({
    name: t.exposeString('name'),
    environment: t.exposeString('env'),
    root: t.exposeString('root', { description: 'Folder on the machine of the server.' }),
    timezone: t.exposeString('timezone'),
  }),
})

builder.queryField('project', (t) =>
  t.field({ type: ProjectType, resolve: (_root, _args, { workspace }) => workspace.definitions.project }),
)
