--- The record of this Neovim by which `promptstack edit` finds it: one small file, rewritten when the folder changes or
--- the window gets the focus.
local M = {}

local PRIVATE_FOLDER = '0o700'
local PRIVATE_FILE = 384 -- 0600

local group = nil ---@type integer?
local started = 0
local focused = nil ---@type integer?

---@return integer milliseconds since 1970
local function now()
  local seconds, micros = vim.uv.gettimeofday()
  return math.floor((seconds or 0) * 1000 + (micros or 0) / 1000)
end

--- promptstack's home folder, as the host finds it.
---@return string?
local function home()
  local user = vim.env.HOME or ''
  local chosen = vim.env.PROMPTSTACK_HOME or ''
  if chosen == '' then chosen = '~/.promptstack' end
  if chosen == '~' or vim.startswith(chosen, '~/') then
    if user == '' then return nil end
    chosen = user .. chosen:sub(2)
  end
  return vim.startswith(chosen, '/') and chosen or nil
end

---@return string? path of this Neovim's record
local function record()
  local folder = home()
  return folder and ('%s/run/%d.json'):format(folder, vim.fn.getpid())
end

--- Writes the record; whoever reads it sees all of it or none.
---@param path string
local function write(path)
  local folder = vim.fs.dirname(path)
  if vim.fn.isdirectory(folder) == 0 then vim.fn.mkdir(folder, 'p', PRIVATE_FOLDER) end
  local beside = path .. '.tmp'
  local file = assert(vim.uv.fs_open(beside, 'w', PRIVATE_FILE)) --[[@as integer]]
  local text = vim.json.encode({
    pid = vim.fn.getpid(),
    address = vim.v.servername,
    cwd = vim.uv.cwd() or '/',
    started = started,
    focused = focused,
  })
  local written = vim.uv.fs_write(file, text)
  vim.uv.fs_close(file)
  assert(written == #text and vim.uv.fs_rename(beside, path))
end

--- Says where this Neovim listens, or that it does no longer. A disk that can't be written costs nothing but that
--- `promptstack edit` does not find it.
local function tell()
  local path = record()
  if path and vim.v.servername ~= '' then pcall(write, path) end
end

--- Registers this Neovim until it ends.
function M.register()
  if group then return end
  group = vim.api.nvim_create_augroup('promptstack.servers', {})
  started = now()
  tell()
  vim.api.nvim_create_autocmd('DirChanged', { group = group, callback = tell })
  vim.api.nvim_create_autocmd('FocusGained', {
    group = group,
    callback = function()
      focused = now()
      tell()
    end,
  })
  vim.api.nvim_create_autocmd('VimLeave', {
    group = group,
    callback = function()
      local path = record()
      if path then vim.uv.fs_unlink(path) end
    end,
  })
end

return M
