// For the tests of plugins, and of programs that use the library: a provider that follows a script, and a check for one of your own.
export { providerProblems } from './providers/provider-problems.ts'
export type { ProviderCheckOptions } from './providers/provider-problems.ts'
export { ScriptedProvider } from './providers/scripted-provider.ts'
export type {
  ScriptedCall,
  ScriptedProviderOptions,
  ScriptedReply,
} from './providers/scripted-provider.ts'
