// The suite that every dialect passes, over Ollama's own fixtures.
import { fixturesOf } from '../../../test/fixtures.ts'
import { dialectContract } from '../dialect.contract.ts'
import { assembleLines } from './assembled-lines.contract.ts'
import { ollama } from './dialect.ts'

dialectContract({
  dialect: ollama,
  fixtures: fixturesOf('ollama'),
  pathOf: (fixture) => (fixture.name.startsWith('generate') ? '/api/generate' : '/api/chat'),
  assemble: assembleLines,
})
