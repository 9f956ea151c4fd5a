// How each host whose traffic is recorded under `openai-compatible` is configured.
import type { ProviderConfig } from '../src/providers/provider-config.ts'

type Host = Partial<ProviderConfig> & { readonly providerType: string }

/** By folder; no base URL: the row's own. */
export const compatibleHosts: Readonly<Record<string, Host>> = {
  alibaba: { providerType: 'alibaba' },
  avian: customHost('https://api.avian.io/v1'),
  'azure-openai': { providerType: 'azure' },
  cerebras: { providerType: 'cerebras' },
  'chatgpt-codex': customHost('https://chatgpt.com/backend-api/codex'),
  cloudflare: {
    providerType: 'cloudflare',
    baseUrl: 'https://api.cloudflare.com/client/v4/accounts/REDACTED/ai/v1',
  },
  crusoe: { providerType: 'crusoe' },
  deepseek: { providerType: 'deepseek' },
  doubleword: customHost('https://api.doubleword.ai/v1'),
  'gemini-openai': {
    ...customHost('https://generativelanguage.googleapis.com/v1beta/openai'),
    settings: { flags: { outputFromTotal: true } },
  },
  'github-copilot': customHost('https://api.githubcopilot.com'),
  gpustack: customHost('https://gpustack.example/v1'),
  groq: { providerType: 'groq' },
  'huggingface-router': { providerType: 'huggingface' },
  llamacpp: { providerType: 'llamacpp' },
  lmstudio: { providerType: 'lmstudio' },
  'mistral-rs': { providerType: 'mistralrs' },
  ollama: { providerType: 'ollama' },
  'ollama-cloud': { providerType: 'ollama', baseUrl: 'https://ollama.com' },
  openrouter: { providerType: 'openrouter' },
  perplexity: { providerType: 'perplexity' },
  snowflake: customHost('https://account.snowflakecomputing.com/api/v2/cortex/v1'),
  together: { providerType: 'together' },
  'unknown-vendor': customHost('https://unknown.example/v1'),
  venice: { providerType: 'venice' },
  'vercel-ai-gateway': { providerType: 'vercel' },
  vllm: { providerType: 'vllm' },
  xai: { providerType: 'xai' },
  zai: { providerType: 'zai', baseUrl: 'https://api.z.ai/api/coding/paas/v4' },
}

export function customHost(baseUrl: string): Host {
  return { providerType: 'custom', baseUrl }
}
