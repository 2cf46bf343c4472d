--- What is known of a composition beside its text: the prompts that were inserted, the files that were linked, the
--- prompts that never go along with it to a model; and what of that the host knows.
local M = {}

---@class promptstack.Origins
---@field prompts promptstack.UsedPrompt[]
---@field files string[]
---@field without string[] ids, in their order
---@field told promptstack.ToldOrigins
---@field settled table<promptstack.UsedPrompt, table<string, true>> values that were filled in before, by their keys

--- Each list as the host knows it, to be compared.
---@class promptstack.ToldOrigins
---@field prompts? string
---@field files? string
---@field without? string

---@param origins promptstack.Origins
---@return promptstack.ToldOrigins
local function seen(origins)
  return {
    prompts = vim.inspect(origins.prompts),
    files = vim.inspect(origins.files),
    without = vim.inspect(origins.without),
  }
end

--- Of a composition of which nobody knows anything yet.
---@return promptstack.Origins
function M.new()
  local origins = { prompts = {}, files = {}, without = {}, told = {}, settled = {} }
  origins.told = seen(origins)
  return origins
end

--- Begins with what is known of a composition of the history; what has come since stays behind it.
---@param origins promptstack.Origins
---@param entry promptstack.HistoryEntry
---@param is_told boolean whether the host knows it of this composition
function M.begin(origins, entry, is_told)
  local known = M.new()
  for _, used in ipairs(entry.prompts) do
    -- Without an entry it would be a list to the host.
    local values = next(used.values) and vim.deepcopy(used.values) or vim.empty_dict()
    local prompt = { id = used.id, hash = used.hash, values = values }
    local settled = {} ---@type table<string, true>
    for key, value in pairs(values) do
      if value ~= '' then settled[key] = true end
    end
    table.insert(known.prompts, prompt)
    origins.settled[prompt] = settled
  end
  vim.list_extend(known.files, entry.files)
  vim.list_extend(known.without, entry.without)
  if is_told then origins.told = seen(known) end
  vim.list_extend(known.prompts, origins.prompts)
  origins.prompts = known.prompts
  for _, file in ipairs(origins.files) do
    if not vim.tbl_contains(known.files, file) then table.insert(known.files, file) end
  end
  origins.files = known.files
  -- Nobody has a review of a text that is not there yet.
  origins.without = known.without
end

--- Notes a prompt that was inserted.
---@param origins promptstack.Origins
---@param reply promptstack.InsertReply
function M.add_prompt(origins, reply)
  local values = {}
  for _, stop in ipairs(reply.stops) do
    values[stop.kind .. ':' .. stop.name] = ''
  end
  table.insert(
    origins.prompts,
    { id = reply.id, hash = reply.hash, values = next(values) and values or vim.empty_dict() }
  )
end

--- Notes files that were linked.
---@param origins promptstack.Origins
---@param paths string[]
function M.add_files(origins, paths)
  for _, path in ipairs(paths) do
    if not vim.tbl_contains(origins.files, path) then table.insert(origins.files, path) end
  end
end

--- Leaves a prompt of the library out of what goes along, or takes it along again.
---@param origins promptstack.Origins
---@param id string
function M.switch(origins, id)
  local rest = vim.tbl_filter(function(other)
    return other ~= id
  end, origins.without)
  if #rest == #origins.without then table.insert(rest, id) end
  table.sort(rest)
  origins.without = rest
end

--- Brings the values of placeholders into what is known of the prompts that they came with. What was filled in before
--- the composition was gone on with is text by now, whatever has the same name.
---@param origins promptstack.Origins
---@param buf integer
function M.refresh_values(origins, buf)
  if #origins.prompts == 0 then return end
  local session = require('promptstack.placeholder.session').get(buf)
  if not session then return end
  local stops = require('promptstack.placeholder.stops')
  local values = {}
  for _, stop in ipairs(session.stops) do
    -- From the text: what is saved as one leaves insert mode is not drawn yet.
    if stops.is_filled(buf, stop) then
      local value = table.concat(stops.value(buf, stop), '\n')
      -- One of several may have been deleted.
      if value ~= '' or not values[stop.key] then values[stop.key] = value end
    end
  end
  for _, prompt in ipairs(origins.prompts) do
    local settled = origins.settled[prompt] or {}
    for key in pairs(prompt.values) do
      if values[key] and not settled[key] then prompt.values[key] = values[key] end
    end
  end
end

--- Adds to a message what the host does not know yet.
---@param origins promptstack.Origins
---@param params promptstack.UpdateParams
---@return promptstack.ToldOrigins told what it knows when it has got that message
function M.tell(origins, params)
  local now = seen(origins)
  if now.prompts ~= origins.told.prompts then params.prompts = origins.prompts end
  if now.files ~= origins.told.files then params.files = origins.files end
  if now.without ~= origins.told.without then params.without = origins.without end
  return now
end

--- The host is another one, or has lost the composition: whatever it was told, it is told again.
---@param origins promptstack.Origins
function M.forget_told(origins)
  origins.told = {}
end

return M
