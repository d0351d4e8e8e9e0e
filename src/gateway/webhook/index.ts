export { receiveWebhook, type WebhookRequest } from './receive-webhook.ts'
export { WebhookMaps } from './webhook-maps.ts'
