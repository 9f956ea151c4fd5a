// The path of a call, in the spellings of different clients.
import { describe, expect, it } from 'vitest'
import { GENERATE, readAddress } from './address.ts'

describe('the path of a call', () => {
  it.each([
    ['/v1beta/models/work/gpt-5:generateContent', 'work/gpt-5', 'generateContent'],
    ['/v1beta/work/gpt-5:generateContent', 'work/gpt-5', 'generateContent'],
    ['/v1beta/work/llama3.2:1b:streamGenerateContent', 'work/llama3.2:1b', 'streamGenerateContent'],
    ['/gemini/v1beta/tunedModels/mine:generateContent', 'tunedModels/mine', 'generateContent'],
  ])('%s names a model, with its collection or without', (path, model, method) => {
    expect(readAddress(path, GENERATE)).toEqual({ model, method })
  })
})
