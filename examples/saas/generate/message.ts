/** Messages of the Segment spec, as Harbor's app and site send them. */
export type SegmentMessage = IdentifyMessage | TrackMessage | ViewMessage | GroupMessage | AliasMessage

export type Value = string | number | boolean | null
export type Values = Readonly<Record<string, Value>>

/** Where and with what a message was sent. */
export type Context = Readonly<Record<string, unknown>>

/** A message is of a user, of a device, or of both. */
export type Sender =
  | { readonly userId: string; readonly anonymousId?: string | undefined }
  | { readonly userId?: undefined; readonly anonymousId: string }

interface Stamped {
  readonly messageId: string
  /** ISO instant. */
  readonly timestamp: string
  readonly context: Context
}

export type IdentifyMessage = Stamped & Sender & { readonly type: 'identify'; readonly traits: Values }

export type TrackMessage = Stamped &
  Sender & { readonly type: 'track'; readonly event: string; readonly properties: Values }

export type ViewMessage = Stamped &
  Sender & { readonly type: 'page' | 'screen'; readonly name: string; readonly properties: Values }

export type GroupMessage = Stamped &
  Sender & { readonly type: 'group'; readonly groupId: string; readonly traits: Values }

export type AliasMessage = Stamped & {
  readonly type: 'alias'
  readonly userId: string
  readonly previousId: string
}

/** What a message says; who, when and where is added by its session. `server`: sent by the backend, which knows no device. */
export type Saying =
  | { readonly type: 'identify'; readonly traits: Values }
  | { readonly type: 'track'; readonly event: string; readonly properties: Values; readonly server?: true }
  | { readonly type: 'view'; readonly name: string; readonly path: string; readonly anonymous?: true }
  | { readonly type: 'group'; readonly groupId: string; readonly traits: Values }
  | { readonly type: 'alias'; readonly previousId: string }
