--- Builds the host with cargo, and links its one-word name for `$EDITOR`.
local host = require('promptstack.host')
local notify = require('promptstack.notify')

local M = {}

local running = false
local waiting = {} ---@type fun(ok: boolean)[] all who asked for the build that runs

--- Of what cargo said last.
local LAST_LINES = 12

---@param ok boolean
local function tell(ok)
  local all = waiting
  running, waiting = false, {}
  for _, done in ipairs(all) do
    done(ok)
  end
end

---@param code integer
---@param lines string[] what cargo said last
local function say_failed(code, lines)
  local cause = vim.trim(lines[#lines] or 'it said nothing')
  local first = ('cargo could not build the host (exit code %d): %s'):format(code, cause)
  local last = vim.list_slice(lines, math.max(1, #lines - LAST_LINES + 1), #lines - 1)
  notify.error({ kind = 'unavailable', message = table.concat({ first, unpack(last) }, '\n') })
end

--- Puts `promptstack-edit` beside the binary, for programs that take `$EDITOR` for one word.
local function link_editor()
  local folder = host.root() .. '/target/release'
  -- Cargo may have been told to build elsewhere.
  if vim.fn.executable(folder .. '/promptstack') == 0 then return end
  local _, message, name = vim.uv.fs_symlink('promptstack', folder .. '/promptstack-edit')
  if message and name ~= 'EEXIST' then
    notify.warn("promptstack-edit can't be linked beside the host: " .. message)
  end
end

---@param line string a line that cargo printed
---@return string? what is being compiled
local function crate(line)
  return line:match('^%s*Compiling%s+(%S+)')
end

--- Runs `cargo build --release` in the plugin's folder and says how it goes.
---@param done? fun(ok: boolean)
function M.run(done)
  done = done or function() end
  if running then
    waiting[#waiting + 1] = done
    notify.info('the host is being built already')
    return
  end
  if vim.fn.executable('cargo') == 0 then
    notify.error({
      kind = 'unavailable',
      message = 'the host is built with cargo, which is not on your PATH',
      hint = 'install Rust from https://rustup.rs, or put a `promptstack` binary on your PATH',
    })
    done(false)
    return
  end
  running, waiting = true, { done }
  local compiled, shown_at, tail = 0, 0, {}
  notify.info('building the host, a minute or two…')
  local function on_output(_, data)
    for line in (data or ''):gmatch('[^\r\n]+') do
      tail[#tail + 1] = line
      local name = crate(line)
      compiled = compiled + (name and 1 or 0)
      -- Progress belongs to the screen now, not to the message history.
      if name and vim.uv.now() - shown_at > 500 then
        shown_at = vim.uv.now()
        local text = ('%d crates compiled, now %s'):format(compiled, name)
        vim.schedule(function()
          -- Cargo may have ended meanwhile.
          if running then notify.progress(text) end
        end)
      end
    end
    tail = vim.list_slice(tail, math.max(1, #tail - 30))
  end
  local options = { cwd = host.root(), text = true, stdout = on_output, stderr = on_output }
  vim.system({ 'cargo', 'build', '--release', '--locked' }, options, function(result)
    vim.schedule(function()
      if result.code == 0 then
        link_editor()
        notify.info('the host is built')
        if host.state() ~= 'stopped' then host.restart() end
      else
        say_failed(result.code, tail)
      end
      tell(result.code == 0)
    end)
  end)
end

return M
