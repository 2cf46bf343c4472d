--- Where a text goes while the host is away: a private file that the host takes in when it is back.
local host = require('promptstack.host')

local M = {}

--- 0600 and 0700.
local OWNER_ONLY, OWNER_ENTERS = 384, 448

--- The folder of compositions: the one that the host named, else the one that it would take.
---@return string
local function data_dir()
  local hello = host.hello()
  if hello then return hello.data_dir end
  local home = vim.env.PROMPTSTACK_HOME
  if not home or home == '' then home = vim.fs.normalize('~/.promptstack') end
  local given = vim.env.PROMPTSTACK_DATA_DIR or require('promptstack.config').host_options().data_dir
  if type(given) ~= 'string' or given == '' then given = 'data' end
  local configured = vim.fs.normalize(given)
  return configured:sub(1, 1) == '/' and configured or home .. '/' .. configured
end

---@param keeper promptstack.Keeper
---@return string
local function path(keeper)
  return ('%s/rescue/%s.rescue'):format(data_dir(), keeper.id)
end

--- A value of a header, which is one line.
---@param value string
---@return string
local function escaped(value)
  return (value:gsub('\\', '\\\\'):gsub('\n', '\\n'))
end

--- The file's bytes: what is known of the text, an empty line, the text.
---@param keeper promptstack.Keeper
---@return string
local function content(keeper)
  local bo = vim.bo[keeper.buf] ---@type vim.bo
  local ending = ({ unix = '\n', dos = '\r\n', mac = '\r' })[bo.fileformat]
  local lines = vim.api.nvim_buf_get_lines(keeper.buf, 0, -1, false)
  for index, line in ipairs(lines) do
    lines[index] = line:gsub('\n', '\0')
  end
  local text = table.concat(lines, ending)
  if bo.endofline or bo.fixendofline then text = text .. ending end
  local head = {
    'id: ' .. keeper.id,
    'number: ' .. keeper.tick,
    'bytes: ' .. #text,
    'created: ' .. keeper.created,
    'sequence: ' .. (keeper.reply and keeper.reply.sequence or 0),
    ('buffer: %d.%d.%d'):format(vim.uv.os_getpid(), keeper.created, keeper.buf),
    'directory: ' .. escaped(keeper.directory),
    'name: ' .. escaped(keeper.name or ''),
    'source: ' .. escaped(keeper.source or ''),
  }
  return table.concat(head, '\n') .. '\n\n' .. text
end

---@param folder string
local function sync_folder(folder)
  local fd = vim.uv.fs_open(folder, 'r', 0)
  if not fd then return end
  vim.uv.fs_fsync(fd)
  vim.uv.fs_close(fd)
end

---@param file string
---@param bytes string
---@return string? failure
local function write_synced(file, bytes)
  local fd, failure = vim.uv.fs_open(file, 'wx', OWNER_ONLY)
  if not fd then return failure end
  local written, unwritten = vim.uv.fs_write(fd, bytes)
  local synced, unsynced = vim.uv.fs_fsync(fd)
  vim.uv.fs_close(fd)
  if not written then return unwritten end
  if written < #bytes then return 'only a part could be written' end
  if not synced then return unsynced end
end

---@param file string
---@param bytes string
---@return string? failure
local function write(file, bytes)
  local folder = vim.fs.dirname(file)
  local made, problem = pcall(vim.fn.mkdir, folder, 'p', OWNER_ENTERS --[[@as any]])
  if not made then return tostring(problem) end
  local temporary = ('%s.%d.tmp'):format(file, vim.uv.os_getpid())
  vim.uv.fs_unlink(temporary)
  local failure = write_synced(temporary, bytes)
  if not failure then
    local renamed, unrenamed = vim.uv.fs_rename(temporary, file)
    if renamed then return sync_folder(folder) end
    failure = unrenamed
  end
  vim.uv.fs_unlink(temporary)
  return failure
end

--- Writes the text of a composition aside, durably.
---@param keeper promptstack.Keeper
---@return boolean written
---@return string text the path, or what failed
function M.write(keeper)
  local file = path(keeper)
  local failure = write(file, content(keeper))
  if failure then return false, ("can't write %s: %s"):format(file, failure) end
  keeper.rescued = file
  return true, file
end

--- The text is in the history: what was set aside is no longer needed.
---@param keeper promptstack.Keeper
function M.drop(keeper)
  if keeper.rescued then vim.uv.fs_unlink(keeper.rescued) end
  keeper.rescued = nil
end

return M
