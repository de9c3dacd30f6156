/** How long a request counts as under way without being heard of again, in milliseconds: its gateway may have ended. */
export const leaseMs = 30_000

/**
 * Asks all limits of a request, and takes from each of them if all have room. What stands in src/rate-limit/*.ts for one process,
 * for all of them: the comments are there. The time is the server's, so that gateways need not agree on one.
 *
 * KEYS: one for each limit. ARGV: for each its algorithm, limit, window in ms, and the request's own name.
 * Answers 1 or 0, and for each limit its room before, the wait and the reset in ms.
 */
const decide = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local usage = {}

function usage.sliding(key, limit, window)
  local stored = redis.call('GET', key)
  local cells = stored and cmsgpack.unpack(stored) or { 0 }
  local started, kept, sum = cells[1], { 0 }, 0
  for i = 2, #cells, 2 do
    if cells[i] + window > now then
      kept[#kept + 1] = cells[i]
      kept[#kept + 1] = cells[i + 1]
      sum = sum + cells[i + 1]
    end
  end
  local wait, left = 0, sum
  for i = 2, #kept, 2 do
    left = left - kept[i + 1]
    wait = kept[i] + window - now
    if left < limit then break end
  end
  local last = #kept > 1 and kept[#kept - 1] or nil
  return { room = limit - sum, wait = wait, reset = last and last + window - now or 0, take = function()
    if last and now - started < window / 32 then
      kept[#kept - 1] = math.max(last, now)
      kept[#kept] = kept[#kept] + 1
    else
      started = now
      kept[#kept + 1] = now
      kept[#kept + 1] = 1
    end
    kept[1] = started
    redis.call('SET', key, cmsgpack.pack(kept), 'PX', window)
    return window
  end }
end

function usage.fixed(key, limit, window)
  local count, left = tonumber(redis.call('GET', key) or 0), redis.call('PTTL', key)
  if left <= 0 then count, left = 0, 0 end
  return { room = limit - count, wait = left, reset = left, take = function()
    if left > 0 then
      redis.call('INCR', key)
      return left
    end
    redis.call('SET', key, 1, 'PX', window)
    return window
  end }
end

function usage.token(key, limit, window)
  local stored = redis.call('GET', key)
  local ahead = 0
  if stored then
    local lead = cmsgpack.unpack(stored)
    ahead = math.max(0, lead[1] - math.max(0, now - lead[2]))
  end
  local room = math.floor(limit - ahead * limit / window + 0.000001)
  return { room = room, wait = ahead - window + window / limit, reset = ahead, take = function()
    ahead = math.min(window, ahead + window / limit)
    redis.call('SET', key, cmsgpack.pack({ ahead, now }), 'PX', math.ceil(ahead) + 1)
    return ahead
  end }
end

function usage.concurrency(key, limit, window, name)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  return { room = limit - redis.call('ZCARD', key), wait = 1000, reset = 0, take = function()
    redis.call('ZADD', key, now + ${leaseMs}, name)
    redis.call('PEXPIRE', key, ${leaseMs})
    return 0
  end }
end

local asked, allowed = {}, 1
for i, key in ipairs(KEYS) do
  local at = 4 * i - 3
  asked[i] = usage[ARGV[at]](key, tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3])
  if asked[i].room < 1 then allowed = 0 end
end
local answer = { allowed }
for _, limit in ipairs(asked) do
  if allowed == 1 then limit.reset = limit.take() end
  answer[#answer + 1] = limit.room
  answer[#answer + 1] = math.ceil(math.max(0, limit.wait))
  answer[#answer + 1] = math.ceil(math.max(0, limit.reset))
end
return answer
`

/** KEYS: where requests under way stand. ARGV: the name of one that still is. */
const renew = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ${leaseMs}, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ${leaseMs})
return 1
`

/** KEYS: where gateways stand. ARGV: the name of one, and for how many ms that holds. Answers how many there are. */
const announce = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[2]))
return redis.call('ZCARD', KEYS[1])
`

/** As ioredis takes them: it sends the digest of a script, and the script itself to a server that does not know it yet. */
export const scripts = { evergateDecide: { lua: decide }, evergateRenew: { lua: renew }, evergateAnnounce: { lua: announce } }
