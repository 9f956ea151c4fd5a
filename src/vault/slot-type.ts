// The kinds of slots.

/** Where its key is usually kept. Whatever is 32 bytes may be moved; `age` stands in backups only. */
export const SLOT_TYPES = [
  'key-file',
  'systemd-credential',
  'keychain',
  'environment',
  'recovery',
  'passphrase',
  'age',
] as const
export type SlotType = (typeof SLOT_TYPES)[number]
