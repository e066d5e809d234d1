export const callerKinds = ['API_KEY', 'USER', 'FOLLOW_TOKEN'] as const;
export type CallerKind = (typeof callerKinds)[number];

/** The same caller has the same kind and id for ever, whatever it is called: the id of a key, of a user, or of the job that is followed. */
export interface CallerId {
  kind: CallerKind;
  id: string;
}

/** Whoever sends a request. `name` is for people: lists and journals show it. */
export interface Caller extends CallerId {
  name: string;
}
