// OpenAI keeps one store of files for both of its protocols.

/** Whose ids they are, in both. */
export const OPENAI_FILES = 'openai'
