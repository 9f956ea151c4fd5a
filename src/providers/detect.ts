// What can be used without being configured: Ollama on its port, keys in the environment.
import type { Transport } from '../transport/transport.ts'
import type { ProviderConfig } from './provider-config.ts'

export interface DetectOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly transport: Transport
  readonly signal: AbortSignal
}

export interface DetectedProvider {
  readonly config: ProviderConfig
  /** One line for people; never holds a key. */
  readonly line: string
}

export async function detectProviders(
  options: DetectOptions,
): Promise<readonly DetectedProvider[]> {
  void options
  return []
}
