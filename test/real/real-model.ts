// The embedded model for tests: fetched once into the cache, then shared by all runs.
import { pullModel } from '../../src/providers/local/pull-model.ts'
import { type RealPart, realPart, testCache } from './cache.ts'

export interface RealModel {
  /** For providers: engine and model are in it. */
  readonly dataDir: string
  readonly modelPath: string
}

const PATIENCE_MS = 280_000

export async function realModel(): Promise<RealPart<RealModel>> {
  return realPart(async () => {
    const dataDir = testCache()
    const modelPath = await pullModel({ dataDir, signal: AbortSignal.timeout(PATIENCE_MS) })
    return { dataDir, modelPath }
  })
}
