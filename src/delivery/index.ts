export { checkDestinations } from './check-destinations.ts'
export { checkWebhooks } from './check-webhooks.ts'
export { type CompiledRow, compileRow, type MappingProblem } from './compile-row.ts'
export { type Connector, loadConnectors } from './connector.ts'
export { deliverAll } from './deliver-all.ts'
export type {
  CompileRowInput,
  DeliverAllInput,
  DeliverInput,
  DeliveryRow,
  DestinationObject,
  LiveDestination,
  Operation,
  Options,
  Outcome,
} from './delivery.ts'
export { type OpenDestinationInput, openDestination } from './destination.ts'
export { connectorSchema, type Manifest } from './manifest.ts'
export { type StartTwinInput, startTwin } from './start-twin.ts'
export type { TwinMember, TwinObject } from './twin.ts'
export type { TwinState } from './twin-page.ts'
export type { RunningTwin } from './twin-server.ts'
export { loadWebhookConnectors, type WebhookConnector } from './webhook-connector.ts'
