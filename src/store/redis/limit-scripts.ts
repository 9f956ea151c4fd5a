// The counting of limits inside Redis: one script each, so that all limits of a call are decided at one moment, by Redis' own clock.

/**
 * A Redis that has lost its memory knows no epoch, or another one than its clients: they tell it what they remember
 * before it counts again. KEYS: the epoch. ARGV: a new epoch's name, whether the caller has known an earlier one (1 or
 * 0), milliseconds that others get to come back. Gives the epoch's name and the milliseconds until it may be counted in.
 */
export const JOIN = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local epoch = redis.call('HMGET', KEYS[1], 'name', 'settled')
if not epoch[1] then
  epoch = { ARGV[1], string.format('%.3f', ARGV[2] == '1' and now + tonumber(ARGV[3]) or now) }
  redis.call('HSET', KEYS[1], 'name', epoch[1], 'settled', epoch[2])
end
return { epoch[1], tostring(math.max(0, tonumber(epoch[2]) - now)) }
`

/** KEYS: what a client remembers. ARGV: three each: `rate`, ms until full, ''; or `place`, ms to live, holder. */
export const SEED = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 3
  local left = tonumber(ARGV[at + 2])
  if ARGV[at + 1] == 'rate' then
    local full = math.max(tonumber(redis.call('GET', key) or '0'), now + left)
    redis.call('SET', key, string.format('%.3f', full), 'PX', math.ceil(full - now) + 1000)
  else
    redis.call('ZADD', key, now + left, ARGV[at + 3])
    redis.call('PEXPIRE', key, math.ceil(left) + 1000)
  end
end
return 0
`

/**
 * KEYS: the epoch, then one a take. ARGV: the epoch's name as the caller knows it, then five a take: `rate` or `place`; limit; period or time to live in ms; cost; holder. The same
 * algorithm as in resilience/limits/rate-algorithm.ts.
 * Gives: -1 where the epoch is another or still settles; else the index of the take without room (0: granted), milliseconds to wait (-1: never), then remaining and reset of each.
 */
export const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

local epoch = redis.call('HMGET', KEYS[1], 'name', 'settled')
if epoch[1] ~= ARGV[1] or tonumber(epoch[2]) > now then return { -1 } end

local function full_at(key) return tonumber(redis.call('GET', key) or '0') end
local function held(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  return redis.call('ZCARD', key)
end

local takes, denied, wait = {}, 0, 0
for i = 1, #KEYS - 1 do
  local key, at = KEYS[i + 1], (i - 1) * 5 + 1
  local take = { key = key, kind = ARGV[at + 1], limit = tonumber(ARGV[at + 2]),
    period = tonumber(ARGV[at + 3]), cost = tonumber(ARGV[at + 4]), holder = ARGV[at + 5] }
  takes[i] = take
  if take.kind == 'rate' then
    take.full = full_at(key)
    take.after = math.max(take.full, now) + take.cost * take.period / take.limit
    local over = take.after - now - take.period
    if over > 0.5 and denied == 0 then
      denied = i
      wait = take.cost > take.limit and -1 or over
    end
  else
    take.held = held(key)
    if take.held >= take.limit and denied == 0 then
      denied = i
      wait = take.limit < 1 and -1 or 1000
    end
  end
end

local answer = { denied, tostring(wait) }
for _, take in ipairs(takes) do
  if take.kind == 'rate' then
    if denied == 0 then
      take.full = take.after
      redis.call('SET', take.key, string.format('%.3f', take.full), 'PX', math.ceil(math.max(1, take.full - now)) + 1000)
    end
    local reset = math.max(0, take.full - now)
    local left = math.floor(take.limit - reset / take.period * take.limit + 0.01)
    answer[#answer + 1] = tostring(math.max(0, left))
    answer[#answer + 1] = tostring(reset)
  else
    if denied == 0 then
      redis.call('ZADD', take.key, now + take.period, take.holder)
      redis.call('PEXPIRE', take.key, math.ceil(take.period) + 1000)
      take.held = take.held + 1
    end
    answer[#answer + 1] = tostring(math.max(0, take.limit - take.held))
    answer[#answer + 1] = '0'
  end
end
return answer
`

/** KEYS: one a charge. ARGV: three a charge: limit, period in ms, amount (below 0: given back). */
export const CHARGE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 3
  local limit, period, amount = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local full = math.max(tonumber(redis.call('GET', key) or '0'), now) + amount * period / limit
  if full > now then
    redis.call('SET', key, string.format('%.3f', full), 'PX', math.ceil(full - now) + 1000)
  else
    redis.call('DEL', key)
  end
end
return 0
`

/** KEYS: one a place. ARGV: two a place: holder, time to live in ms. Those who have left stay away. */
export const RENEW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 2
  local ttl = tonumber(ARGV[at + 2])
  redis.call('ZADD', key, 'XX', now + ttl, ARGV[at + 1])
  redis.call('PEXPIRE', key, math.ceil(ttl) + 1000)
end
return 0
`

/** KEYS: one a place. ARGV: its holder. */
export const RELEASE = `
for i, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[i]) end
return 0
`
