import type { Send } from '../../project/index.ts'
import { builder } from '../builder.ts'

export const SendType = builder.objectRef<Send>('Send').implement({
  description: 'Where a definition is sent, and how.',
  fields: (t) => ({
    destination: t.exposeString('destination'),
    mode: t.exposeString('mode'),
    consent: t.exposeString('consent', { nullable: true }),
    options: t.field({ type: 'JSON', resolve: ({ options }) => options }),
    mapping: t.field({ type: 'JSON', resolve: ({ mapping }) => mapping }),
  }),
})
