// Under which kinds the store keeps keys and teams.

export const KEY = 'key'
export const TEAM = 'team'
/** One document that every change of who governs counts up, so that two of them never pass each other. */
export const GOVERNORS = { kind: 'governors', id: 'all' } as const
