// The key of every provider of the bench: whoever finds it where it has no place has found a leak.

export const CANARY = 'sk-canary-7f3a'
