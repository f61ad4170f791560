-- A Wireshark dissector of the goodbyte wire format (docs/wire-format.md).
--
--   wireshark -X lua_script:tools/wireshark/goodbyte.lua
--   tshark -X lua_script:tools/wireshark/goodbyte.lua -r FILE -Y goodbyte
--
-- It finds connections on any port by the preface's magic, and inside TLS by
-- the ALPN name `goodbyte/1`. Where the capture lacks a connection's beginning,
-- Decode As helps: frames are named, but their order is not checked.

local goodbyte = Proto("goodbyte", "goodbyte")

local MAGIC = "f647425945"
local PROXY_SIGNATURES = { "50524f585920", "0d0a0d0a000d0a51" }
local PREFACE_LENGTH = 8
local HEADER_LENGTH = 4
local IGNORABLE = 0x80
local DEFAULT_USER_DATA = 4096
local DEFAULT_MESSAGE = 1048576

local roles = { [1] = "caller", [2] = "callee" }
local frames = {
  [1] = "CONNECT", [2] = "ACCEPT", [3] = "REJECT",
  [4] = "DATA", [5] = "DISCONNECT", [6] = "RESET",
  [0x81] = "NOTICE", [0x82] = "PING", [0x83] = "PONG",
}
local MAX_PING = 255
local fields = {
  [1] = "USER_DATA", [2] = "USER_OPTIONS", [3] = "SOCKET_TYPE",
  [4] = "QOS", [5] = "LIMITS", [6] = "STATUS", [0x87] = "REASON",
  [0x88] = "CODE", [0x89] = "REPEAT", [0x8a] = "IDLE_LIMIT",
}
local repeats = { [0] = "not without harm", [1] = "without harm" }
local socket_types = { [1] = "stream", [5] = "message-oriented" }
local statuses = {
  [10014] = "WSAEFAULT", [10041] = "WSAEPROTOTYPE",
  [10045] = "WSAEOPNOTSUPP", [10054] = "WSAECONNRESET",
  [10060] = "WSAETIMEDOUT", [10061] = "WSAECONNREFUSED",
}
-- The name of a frame's user data.
local words = {
  CONNECT = "caller data", ACCEPT = "callee data",
  REJECT = "reject data", DISCONNECT = "disconnect data", NOTICE = "data",
}
local mandatory = {
  CONNECT = { 3, 5 }, ACCEPT = { 5 }, REJECT = { 6 },
}
-- Section 7: frames whose user data has a meaning, and so a limit.
local has_data = {
  CONNECT = true, ACCEPT = true, REJECT = true, DISCONNECT = true, NOTICE = true,
}
local has_options = { CONNECT = true, ACCEPT = true, DISCONNECT = true }

local f = {
  role = ProtoField.uint8("goodbyte.role", "Role", base.DEC, roles),
  lowest = ProtoField.uint8("goodbyte.lowest_version", "Lowest version"),
  highest = ProtoField.uint8("goodbyte.highest_version", "Highest version"),
  type = ProtoField.uint8("goodbyte.type", "Type", base.HEX, frames),
  length = ProtoField.uint24("goodbyte.length", "Length"),
  data = ProtoField.bytes("goodbyte.data", "Data"),
  field = ProtoField.uint8("goodbyte.field", "Field", base.HEX, fields),
  field_length = ProtoField.uint16("goodbyte.field.length", "Length"),
  user_data = ProtoField.bytes("goodbyte.user_data", "User data"),
  user_options = ProtoField.bytes("goodbyte.user_options", "User options"),
  socket_type = ProtoField.uint8("goodbyte.socket_type", "Socket type", base.DEC, socket_types),
  qos = ProtoField.bytes("goodbyte.qos", "Quality of service"),
  handshake_limit = ProtoField.uint16("goodbyte.limits.handshake", "Handshake data"),
  disconnect_limit = ProtoField.uint16("goodbyte.limits.disconnect", "Disconnect data"),
  message_limit = ProtoField.uint32("goodbyte.limits.message", "Message"),
  status = ProtoField.uint16("goodbyte.status", "Status", base.DEC, statuses),
  reason = ProtoField.string("goodbyte.reason", "Reason"),
  code = ProtoField.uint32("goodbyte.code", "Code"),
  may_repeat = ProtoField.uint8("goodbyte.repeat", "To be repeated", base.DEC, repeats),
  idle_limit = ProtoField.uint32("goodbyte.idle_limit", "Idle limit in milliseconds"),
  ping = ProtoField.bytes("goodbyte.ping", "Octets to be sent back"),
  unknown = ProtoField.bytes("goodbyte.unknown", "Unknown value"),
  violation = ProtoField.string("goodbyte.violation", "Violation"),
}
local all = {}
for _, field in pairs(f) do all[#all + 1] = field end
goodbyte.fields = all

local violated = ProtoExpert.new("goodbyte.violated", "Violation",
  expert.group.PROTOCOL, expert.severity.ERROR)
local refused = ProtoExpert.new("goodbyte.refused", "The connection is refused",
  expert.group.RESPONSE_CODE, expert.severity.NOTE)
local aborted = ProtoExpert.new("goodbyte.aborted", "The connection is aborted",
  expert.group.SEQUENCE, expert.severity.WARN)
goodbyte.experts = { violated, refused, aborted }

local tcp_stream = Field.new("tcp.stream")
local tcp_fin = Field.new("tcp.flags.fin")

-- The state of each direction, by TCP stream and sender.
local directions = {}
-- The state when a packet was first dissected, since Wireshark comes back
-- to packets in any order.
local remembered = {}

function goodbyte.init()
  directions = {}
  remembered = {}
end

local function sender(pinfo)
  local stream = tcp_stream()
  return tostring(stream and stream.value) .. " " .. tostring(pinfo.src) .. " " .. pinfo.src_port
end

local function receiver(pinfo)
  local stream = tcp_stream()
  return tostring(stream and stream.value) .. " " .. tostring(pinfo.dst) .. " " .. pinfo.dst_port
end

local function direction_of(key)
  directions[key] = directions[key] or { stage = "preface" }
  return directions[key]
end

local function copy(state)
  local result = {}
  for name, value in pairs(state) do result[name] = value end
  return result
end

-- After the first violation of a direction nothing more is reported of it.
local function violate(state, tree, name)
  state.stage = "violated"
  tree:add(f.violation, name):set_generated()
  tree:add_proto_expert_info(violated, name)
  return name
end

local function printable(range)
  local text = range:raw():gsub("[^\x20-\x7e]", ".")
  return '"' .. text .. '"'
end

-- Returns the violation by a value's form, if there is one.
local function add_value(tree, id, value, info)
  local length = value and value:len() or 0
  local name = fields[id]
  if name == "SOCKET_TYPE" then
    if length ~= 1 then return "bad-field" end
    info.socket_type = value:uint()
    tree:add(f.socket_type, value)
  elseif name == "QOS" then
    if length < 64 or length > 576 then return "bad-field" end
    tree:add(f.qos, value)
  elseif name == "LIMITS" then
    if length ~= 8 then return "bad-field" end
    info.limits = {
      handshake = value(0, 2):uint(), disconnect = value(2, 2):uint(),
      message = value(4, 4):uint(),
    }
    tree:add(f.handshake_limit, value(0, 2))
    tree:add(f.disconnect_limit, value(2, 2))
    tree:add(f.message_limit, value(4, 4))
  elseif name == "STATUS" then
    if length ~= 2 then return "bad-field" end
    info.status = value:uint()
    tree:add(f.status, value)
  elseif name == "CODE" then
    if length ~= 4 then return "bad-field" end
    info.code = value:uint()
    tree:add(f.code, value)
  elseif name == "REPEAT" then
    if length ~= 1 then return "bad-field" end
    tree:add(f.may_repeat, value)
  elseif name == "IDLE_LIMIT" then
    if length ~= 4 then return "bad-field" end
    tree:add(f.idle_limit, value)
  elseif name == "USER_DATA" then
    info.user_data = value
    if value then tree:add(f.user_data, value) end
  elseif name == "USER_OPTIONS" then
    info.user_options = value
    if value then tree:add(f.user_options, value) end
  elseif name == "REASON" then
    if length > 255 then value = value(0, 255) end
    info.reason = value
    if value then tree:add(f.reason, value, (printable(value):gsub('^"(.*)"$', "%1"))) end
  elseif value then
    tree:add(f.unknown, value)
  end
  return nil
end

-- Section 5. Returns the fields' values, and the first violation.
local function dissect_fields(range, tree)
  local info = {}
  local seen = {}
  local offset = 0
  local length = range and range:len() or 0
  while offset < length do
    if length - offset < 3 then return info, "field-overrun" end
    local id = range(offset, 1):uint()
    local size = range(offset + 1, 2):uint()
    if offset + 3 + size > length then return info, "field-overrun" end
    local title = fields[id] or "Unknown field"
    local item = tree:add(goodbyte, range(offset, 3 + size), title)
    item:add(f.field, range(offset, 1))
    item:add(f.field_length, range(offset + 1, 2))
    if not fields[id] and id < IGNORABLE then return info, "unknown-field" end
    if fields[id] then
      if seen[id] then return info, "duplicate-field" end
      seen[id] = true
    end
    local value = size > 0 and range(offset + 3, size) or nil
    local broken = add_value(item, id, value, info)
    if broken then return info, broken end
    offset = offset + 3 + size
  end
  info.seen = seen
  return info, nil
end

local function length_of(value)
  return value and value:len() or 0
end

-- Sections 6.5 and 7: fields that are missing, or too long.
local function check_fields(name, info, taken)
  for _, id in ipairs(mandatory[name] or {}) do
    if not info.seen[id] then return "missing-field" end
  end
  local is_late = name == "DISCONNECT" or name == "NOTICE"
  local limit = is_late and taken.disconnect or taken.handshake
  if has_data[name] and length_of(info.user_data) > limit then
    return "user-data-too-long"
  end
  if has_options[name] and length_of(info.user_options) > limit then
    return "user-data-too-long"
  end
  return nil
end

-- Section 7.1. Returns the stage that follows, or nil if the frame may not be
-- here. Of a connection whose beginning is not in the capture all may come.
local function stage_behind(state, type)
  local name = frames[type]
  if state.stage == "unknown" then
    return name == "DISCONNECT" and "ended" or "unknown"
  end
  if name == "RESET" then return "ended" end
  if state.stage == "handshake" then
    if state.role == 1 and name == "CONNECT" then return "open" end
    if state.role == 2 and name == "ACCEPT" then return "open" end
    if state.role == 2 and name == "REJECT" then return "ended" end
  elseif state.stage == "open" then
    if name == "DISCONNECT" then return "ended" end
    if name == "DATA" or type >= IGNORABLE then return "open" end
  end
  return nil
end

-- The receiver's limits for a direction, as far as the capture shows them.
local function taken_by(peer)
  local limits = peer.limits or {}
  return {
    handshake = limits.handshake or DEFAULT_USER_DATA,
    disconnect = limits.disconnect or DEFAULT_USER_DATA,
    message = limits.message or DEFAULT_MESSAGE,
  }
end

local function too_long(state, name, length, taken)
  if name == "DATA" then
    return state.messages and length > taken.message
  end
  if name == "PING" or name == "PONG" then return length > MAX_PING end
  return length > 1024 + 2 * math.max(taken.handshake, taken.disconnect)
end

-- Section 3.2. Returns the violation, if there is one.
local function bad_versions(role, low, high, peer)
  if low == 0 or low > high then return "bad-version" end
  if role == 1 or not peer.lowest then return nil end
  if high < peer.lowest or low > peer.highest then return "version-unsupported" end
  return low ~= high and "bad-version" or nil
end

-- For another beginning: the violation, or how many more octets are needed.
local function not_framing(tvb, peer)
  local octets = tvb(0, math.min(tvb:len(), PREFACE_LENGTH)):bytes():tohex(true)
  for _, signature in ipairs(peer.role == 1 and {} or PROXY_SIGNATURES) do
    if octets:sub(1, #signature) == signature then return "proxy-header" end
    if signature:sub(1, #octets) == octets then
      return nil, (#signature - #octets) / 2
    end
  end
  return "bad-magic"
end

-- Returns the octets that were used; 0 and how many more are needed.
local function dissect_preface(tvb, pinfo, tree, state, peer)
  local there = math.min(tvb:len(), 5)
  local matches = MAGIC:sub(1, 2 * there) == tvb(0, there):bytes():tohex(true)
  local item = tree:add(goodbyte, tvb(0, math.min(tvb:len(), PREFACE_LENGTH)), "Preface")
  if not matches then
    local broken, needed = not_framing(tvb, peer)
    if not broken then return 0, needed end
    violate(state, item, broken)
    return tvb:len()
  end
  if tvb:len() < PREFACE_LENGTH then return 0, PREFACE_LENGTH - tvb:len() end
  local role, low, high = tvb(5, 1):uint(), tvb(6, 1):uint(), tvb(7, 1):uint()
  item:add(f.role, tvb(5, 1))
  item:add(f.lowest, tvb(6, 1))
  item:add(f.highest, tvb(7, 1))
  state.role = role
  state.stage = "handshake"
  if not roles[role] or role == peer.role then
    violate(state, item, "bad-role")
  else
    local broken = bad_versions(role, low, high, peer)
    if broken then violate(state, item, broken) end
  end
  state.lowest, state.highest = low, high
  local title = string.format("%s, versions %d to %d", roles[role] or "?", low, high)
  item:append_text(": " .. title)
  pinfo.cols.info:append("[preface: " .. title .. "] ")
  return PREFACE_LENGTH
end

local function describe(name, info)
  local parts = { name }
  if info.status then parts[#parts + 1] = statuses[info.status] or tostring(info.status) end
  if info.user_data then
    parts[#parts + 1] = (words[name] or "user data") .. " " .. printable(info.user_data)
  end
  if info.code then parts[#parts + 1] = "code " .. info.code end
  if info.reason then parts[#parts + 1] = printable(info.reason) end
  return table.concat(parts, ", ")
end

local function dissect_frame(tvb, pinfo, tree, state, peer)
  local type = tvb(0, 1):uint()
  local name = frames[type]
  local ignorable = not name and type >= IGNORABLE
  local there = math.min(tvb:len(), HEADER_LENGTH)
  -- The type alone is enough to recognise these.
  if state.stage == "ended" then
    violate(state, tree:add(goodbyte, tvb(), "Behind the last frame"), "trailing-octets")
    return tvb:len()
  end
  if there < HEADER_LENGTH then return 0, HEADER_LENGTH - there end
  local length = tvb(1, 3):uint()
  local item = tree:add(goodbyte, tvb(0, math.min(tvb:len(), HEADER_LENGTH + length)),
    name or (ignorable and "Ignorable frame" or "Unknown frame"))
  local function add_header()
    item:add(f.type, tvb(0, 1))
    item:add(f.length, tvb(1, 3))
  end
  local stage = ignorable and state.stage or stage_behind(state, type)
  local taken = taken_by(peer)
  local broken = (not name and not ignorable and "unknown-frame")
    or (not stage and "unexpected-frame")
    or (name and too_long(state, name, length, taken) and "frame-too-long")
  if broken then
    add_header()
    pinfo.cols.info:append(string.format("[%s] ", violate(state, item, broken)))
    return tvb:len()
  end
  if tvb:len() < HEADER_LENGTH + length then return 0, HEADER_LENGTH + length - tvb:len() end
  add_header()
  state.stage = stage
  local payload = length > 0 and tvb(HEADER_LENGTH, length) or nil
  if name == "DATA" then
    if payload then item:add(f.data, payload) end
    item:append_text(string.format(", %d octets", length))
    pinfo.cols.info:append(string.format("[DATA, %d octets] ", length))
    return HEADER_LENGTH + length
  end
  if name == "PING" or name == "PONG" then
    if payload then item:add(f.ping, payload) end
    pinfo.cols.info:append("[" .. name .. "] ")
    return HEADER_LENGTH + length
  end
  if not name then
    if payload then item:add(f.unknown, payload) end
    return HEADER_LENGTH + length
  end
  local info
  info, broken = dissect_fields(payload, item)
  broken = broken or check_fields(name, info, taken)
  if broken then violate(state, item, broken) end
  if info.limits then state.limits = info.limits end
  if name == "CONNECT" then state.messages = info.socket_type == 5 end
  if name == "ACCEPT" then state.messages = peer.messages end
  if name == "REJECT" then item:add_proto_expert_info(refused, describe(name, info)) end
  if name == "RESET" then item:add_proto_expert_info(aborted, describe(name, info)) end
  item:append_text(describe(name, info):sub(#name + 1))
  pinfo.cols.info:append("[" .. describe(name, info) .. (broken and ", " .. broken or "") .. "] ")
  return HEADER_LENGTH + length
end

local function begins_with_magic(tvb)
  return tvb:len() >= 5 and tvb(0, 5):bytes():tohex(true) == MAGIC
end

function goodbyte.dissector(tvb, pinfo, root)
  pinfo.cols.protocol = "goodbyte"
  local key = pinfo.number .. " " .. tvb:len() .. " " .. sender(pinfo)
  local state, peer
  if pinfo.visited and remembered[key] then
    state, peer = copy(remembered[key][1]), copy(remembered[key][2])
  else
    state, peer = direction_of(sender(pinfo)), direction_of(receiver(pinfo))
    -- A connection whose beginning is not in the capture.
    if state.stage == "preface" and directions[receiver(pinfo)].stage == "unknown" then
      state.stage = "unknown"
    end
    remembered[key] = { copy(state), copy(peer) }
  end
  local fin = tcp_fin()
  local ends = fin and fin.value
  local tree = root:add(goodbyte, tvb())
  pinfo.cols.info:clear()
  local offset = 0
  while offset < tvb:len() do
    local rest = tvb(offset):tvb()
    if state.stage == "violated" then
      tree:add(goodbyte, rest(), "Behind a violation")
      return tvb:len()
    end
    local before = copy(state)
    local dissect = state.stage == "preface" and dissect_preface or dissect_frame
    local used, lacking = dissect(rest, pinfo, tree, state, peer)
    if used == 0 then
      if not ends then
        for name in pairs(state) do state[name] = before[name] end
        pinfo.desegment_offset = offset
        pinfo.desegment_len = math.max(lacking, 1)
        return tvb:len()
      end
      local there = math.min(rest:len(), 5)
      local strange = state.stage == "preface"
        and MAGIC:sub(1, 2 * there) ~= rest(0, there):bytes():tohex(true)
      local broken = strange and "bad-magic" or "truncated"
      violate(state, tree, broken)
      pinfo.cols.info:append("[" .. broken .. "] ")
      return tvb:len()
    end
    offset = offset + used
  end
  if ends and state.stage == "open" then
    violate(state, tree, "cut")
    pinfo.cols.info:append("[cut] ")
  end
  return tvb:len()
end

local function heuristic(tvb, pinfo, root)
  if not begins_with_magic(tvb) then return false end
  pinfo.conversation = goodbyte
  goodbyte.dissector(tvb, pinfo, root)
  return true
end

goodbyte:register_heuristic("tcp", heuristic)
goodbyte:register_heuristic("tls", heuristic)
-- Decode As, on a port or inside TLS.
DissectorTable.get("tcp.port"):add_for_decode_as(goodbyte)
pcall(function() DissectorTable.get("tls.alpn"):add("goodbyte/1", goodbyte) end)
