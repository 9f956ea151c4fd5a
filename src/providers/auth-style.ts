// How a key is sent: `Authorization: Bearer`, or a header of its own. Never in a URL.

export const AUTH_STYLES = ['bearer', 'x-api-key', 'x-goog-api-key', 'api-key'] as const
export type AuthStyle = (typeof AUTH_STYLES)[number]
