// The server, for programs that start it themselves.
export { type Gateway, type GatewayOptions, createGateway } from './server/gateway.ts'
export type { RequestLog } from './server/application.ts'
export { type Snippet, type SnippetOptions, snippets } from './server/snippets.ts'
