import type { TwinDefinition } from '../../src/delivery/twin.ts'
import { failures } from './twin-problems.ts'
import { routes } from './twin-routes.ts'
import { contactMembers, credentials, listObjects, schema } from './twin-store.ts'

/** The Marketing API of one Mailchimp list, as far as its documentation tells. */
export const twin: TwinDefinition = {
  title: 'Mailchimp',
  credentials,
  schema,
  failures,
  routes,
  objects: listObjects,
  members: contactMembers,
}
