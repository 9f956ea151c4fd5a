// What patchbay.yaml may say of outgoing connections.
import { describe, expect, it } from 'vitest'
import { egress } from './egress-schema.ts'
import { environmentLayer } from './environment.ts'

function messages(entry: unknown): readonly string[] {
  const result = egress.safeParse(entry)
  return result.success ? [] : result.error.issues.map(({ message }) => message)
}

describe('egress', () => {
  it('lists places in full and in short', () => {
    const allow = [
      { provider: 'lab', scheme: 'http', host: '10.1.2.3', port: '8000' },
      { scheme: 'https', host: 'Models.LAN', port: 8443 },
      { scheme: 'http', host: '::1', port: 80 },
      'http://127.0.0.1:9000',
      'https://models.lan',
    ]
    expect(
      egress.parse({ allow, public: [8443], never: ['10.66.0.0/16', 'own-listeners'] }),
    ).toEqual({
      allow: [
        { provider: 'lab', scheme: 'http', host: '10.1.2.3', port: 8000 },
        { scheme: 'https', host: 'models.lan', port: 8443 },
        { scheme: 'http', host: '::1', port: 80 },
        { scheme: 'http', host: '127.0.0.1', port: 9000 },
        { scheme: 'https', host: 'models.lan', port: 443 },
      ],
      publicPorts: [8443],
      never: [{ bytes: [10, 66, 0, 0], bits: 16 }],
    })
    expect(egress.parse({ public: 'https-only', tests_per_minute: 3 })).toEqual({
      publicPorts: [],
      testsPerMinute: 3,
    })
  })

  it('takes the list of designs as it is written there', () => {
    const never = ['169.254.0.0/16', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16']
    expect(egress.parse({ never: [...never, 'own-listeners'] }).never).toHaveLength(4)
  })

  it.each([
    [{ allow: ['http://127.0.0.1:9000/v1'] }, /no path/],
    [{ allow: ['http://127.1:9000'] }, /usual form/],
    [{ allow: ['http://me:word@lab:9000'] }, /user name/],
    [{ allow: ['ftp://lab'] }, /https/],
    [{ allow: ['http://169.254.169.254'] }, /metadata/],
    [{ allow: [{ scheme: 'http', host: '::ffff:169.254.169.254', port: 80 }] }, /metadata/],
    [{ allow: [{ scheme: 'http', host: '0.0.0.0', port: 80 }] }, /reserved/],
    [{ allow: [{ scheme: 'http', host: 'a/b', port: 80 }] }, /./],
    [{ allow: [{ scheme: 'http', host: 'lab', port: 0 }] }, /./],
    [{ never: ['10.0.0.0/33'] }, /range/],
    [{ never: ['models.example'] }, /range/],
    [{ proxy: 'http://10.0.0.1' }, /proxy/],
  ])('refuses %j', (entry, pattern) => {
    expect(messages(entry).join(' ')).toMatch(pattern)
  })

  it('may come from the environment', () => {
    const PATCHBAY_EGRESS_ALLOW = 'http://127.0.0.1:9000, http://lab:8000'
    expect(environmentLayer({ PATCHBAY_EGRESS_ALLOW }).egress?.allow).toEqual([
      { scheme: 'http', host: '127.0.0.1', port: 9000 },
      { scheme: 'http', host: 'lab', port: 8000 },
    ])
    expect(() => environmentLayer({ PATCHBAY_EGRESS_ALLOW: 'lab' })).toThrow(
      /PATCHBAY_EGRESS_ALLOW/,
    )
  })
})
