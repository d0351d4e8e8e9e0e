import type { Problem } from '../../core/problems.ts'
import { builder } from '../builder.ts'

const ProblemType = builder.objectRef<Problem>('Problem').implement({
  description: "A mistake in one of the project's files, with its place.",
  fields: (t) => ({
    code: t.exposeString('code'),
    severity: t.exposeString('severity', { description: '`error` or `warning`.' }),
    file: t.exposeString('file', { description: 'Relative to the project.' }),
    line: t.exposeInt('line'),
    column: t.exposeInt('column'),
    message: t.exposeString('message'),
    hint: t.exposeString('hint', { description: 'What to do; may be empty.' }),
  }),
})

builder.queryField('problems', (t) =>
  t.field({
    type: [ProblemType],
    description: "All problems of all the project's files, as the files are now.",
    resolve: async (_root, _args, { workspace }) => [...(await workspace.check()).problems],
  }),
)
