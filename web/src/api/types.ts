/** The API's own types under the names the app uses. */
import type { components } from './schema'

type Schemas = components['schemas']

/** One observing activity, as everywhere: list, socket, mail. */
export type Activity = Schemas['ActivityOut']
/** An event with the activity as it stood right after it. */
export type Envelope = Schemas['EnvelopeOut']
export type Facility = Schemas['FacilityOut']
export type FacilityNow = Schemas['FacilityNow']
export type Source = Schemas['SourceOut']
export type Site = Schemas['SiteOut']
export type OwnSite = Schemas['Site']
export type Subscription = Schemas['SubscriptionOut']
export type SubscriptionDraft = Schemas['SubscriptionIn']
export type Preview = Schemas['PreviewOut']
export type Delivery = Schemas['DeliveryOut']
export type Account = Schemas['AccountOut']
export type Token = Schemas['TokenOut']
export type Session = Schemas['SessionOut']
export type Problem = Schemas['Problem']

/** A filter as the API takes it: keys with their values, any of which may hold. */
export type Filter = Record<string, string[]>
