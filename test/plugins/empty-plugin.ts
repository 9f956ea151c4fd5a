// A module without a provider.
export const nothing = 1
