// The server, for programs that start it themselves.
export { ConfigError } from './config/problem.ts'
export { type LoadOptions, loadConfig } from './config/load.ts'
export type { ConfigLayer, PatchbayConfig } from './config/schema.ts'
export { type Gateway, type GatewayOptions, createGateway } from './server/gateway.ts'
export { type Snippet, type SnippetOptions, snippets } from './server/snippets.ts'
