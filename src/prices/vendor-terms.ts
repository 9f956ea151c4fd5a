// What vendors charge that the public list does not tell: other service tiers as shares of the usual rates, and tools without a fee.

export interface VendorTerms {
  /** Share of the usual rates, by service tier. */
  readonly services?: Readonly<Record<string, number>>
  /** The same for single models, by the list's own name; they go before those above. */
  readonly ofModels?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Billionths of a US dollar for each call, by the name that the vendor counts a tool by. */
  readonly tools?: Readonly<Record<string, number>>
}

/**
 * By the list's name for the vendor. Batches and flex at half price, cached input too: developers.openai.com/api/docs/pricing,
 * platform.claude.com "Batch processing", ai.google.dev/gemini-api/docs/pricing, mistral.ai "Batch". Priority has a row of its own
 * for each model; a model that is not here has none that is known. Groq serves flex at its usual rates.
 */
export const VENDOR_TERMS: Readonly<Record<string, VendorTerms>> = {
  openai: {
    services: { flex: 0.5, batch: 0.5 },
    ofModels: {
      'gpt-4.1': { priority: 1.75 },
      'gpt-4.1-mini': { priority: 1.75 },
      'gpt-4.1-nano': { priority: 2 },
      'gpt-4o': { priority: 1.7 },
      'gpt-4o-mini': { priority: 5 / 3 },
      'gpt-5': { priority: 2 },
      'gpt-5-mini': { priority: 1.8 },
      'gpt-5.1': { priority: 2 },
      'gpt-5.2': { priority: 2 },
      o3: { priority: 1.75 },
      'o4-mini': { priority: 20 / 11 },
    },
  },
  anthropic: { services: { batch: 0.5 }, tools: { web_fetch_requests: 0 } },
  google: { services: { batch: 0.5, flex: 0.5 } },
  mistral: { services: { batch: 0.5 } },
  groq: { services: { flex: 1 } },
}

/** The shares of the usual rates that hold for one model. */
export function sharesOf(vendor: string, model: string): Readonly<Record<string, number>> {
  const { services = {}, ofModels = {} } = VENDOR_TERMS[vendor] ?? {}
  const own = Object.hasOwn(ofModels, model) ? ofModels[model] : undefined
  return { ...services, ...own }
}
