import type { TwinDefinition } from '../../src/delivery/twin.ts'
import { failures } from './twin-errors.ts'
import { routes } from './twin-routes.ts'
import { credentials, listObjects, members, schema } from './twin-store.ts'

/** The Marketing API's custom audiences, as far as their documentation tells. */
export const twin: TwinDefinition = {
  title: 'Facebook Custom Audiences',
  credentials,
  schema,
  failures,
  routes,
  objects: listObjects,
  members,
}
