--- Builds the host with cargo.
local host = require('promptstack.host')
local notify = require('promptstack.notify')

local M = {}

local running = false

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
  running = true
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
        local text = ('promptstack: %d crates compiled, now %s'):format(compiled, name)
        vim.schedule(function()
          vim.api.nvim_echo({ { text } }, false, {})
        end)
      end
    end
    tail = vim.list_slice(tail, math.max(1, #tail - 30))
  end
  local options = { cwd = host.root(), text = true, stdout = on_output, stderr = on_output }
  vim.system({ 'cargo', 'build', '--release', '--locked' }, options, function(result)
    vim.schedule(function()
      running = false
      if result.code == 0 then
        notify.info('the host is built')
        if host.state() ~= 'stopped' then host.restart() end
      else
        notify.error({
          kind = 'unavailable',
          message = ('cargo could not build the host (exit code %d): %s'):format(
            result.code,
            vim.trim(tail[#tail] or 'it said nothing')
          ),
          hint = ':messages has the last lines',
        })
        vim.api.nvim_echo({ { table.concat(tail, '\n') } }, true, {})
      end
      done(result.code == 0)
    end)
  end)
end

return M
