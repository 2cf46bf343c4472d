--- promptstack.nvim: compose prompts where you write.
---
--- Works without `setup()`; everything else is loaded when it is first used.
local M = {}

--- Stores options: every key of config.yaml, and `ui.*`.
---@param opts? promptstack.Options
function M.setup(opts)
  local config = require('promptstack.config')
  config.set(opts)
  local patterns = config.ui('attach')
  if #patterns > 0 then
    vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
      group = vim.api.nvim_create_augroup('promptstack.attach.setup', {}),
      pattern = patterns,
      desc = 'promptstack: this file becomes a composition',
      callback = function(args)
        M.attach(args.buf)
      end,
    })
  end
end

--- Opens the picker.
---@param opts? promptstack.PickOpts
function M.pick(opts)
  require('promptstack.pickers').pick(opts)
end

--- Inserts a prompt at the cursor.
---@param id string
---@param opts? promptstack.InsertOpts
function M.insert(id, opts)
  require('promptstack.insert').by_id(id, opts)
end

--- Jumps to the next placeholder.
function M.next()
  require('promptstack.placeholder').next()
end

--- Jumps to the previous placeholder.
function M.prev()
  require('promptstack.placeholder').prev()
end

--- Ends the placeholder session.
function M.done()
  require('promptstack.placeholder').done()
end

--- Shows the buffer's placeholders as one form.
function M.fill()
  require('promptstack.placeholder').fill()
end

--- Makes a buffer a composition: its placeholders are coloured as you type, its text is kept in the history.
---@param buf? integer the current one without
function M.attach(buf)
  require('promptstack.composition').attach(buf or vim.api.nvim_get_current_buf())
end

--- Opens a composition: a new one, or the draft of this project that has the name.
---@param name? string
---@param opts? promptstack.ComposeOpts
function M.compose(name, opts)
  require('promptstack.composition').compose(name, opts)
end

--- Names the composition in the current buffer.
---@param name? string a model is asked for one without
function M.title(name)
  require('promptstack.composition.title').run(name)
end

--- Gives up on the current buffer, should a program wait for it: it hears of failure, the file is left as it was.
function M.abort()
  require('promptstack.edit').abort()
end

--- Opens the history: everything that was ever composed.
---@param opts? promptstack.HistoryOpts
function M.history(opts)
  require('promptstack.pickers.history').pick(opts)
end

--- Opens the shelf: drafts that were not handed over yet.
---@param opts? promptstack.DraftsOpts
function M.drafts(opts)
  require('promptstack.pickers.drafts').pick(opts)
end

--- Opens the file picker: links to files, or references that are expanded when the text is handed over.
---@param opts? { query?: string }
function M.files(opts)
  require('promptstack.files').pick(opts)
end

--- Hands the current buffer over.
---@param target? string as `:Prompt send` takes it; the last one of this directory, or a menu, without
---@param opts? promptstack.SendOpts
function M.send(target, opts)
  require('promptstack.handover').send(vim.split(target or '', ' ', { trimempty = true }), opts)
end

--- Hands the current buffer over to the clipboard.
---@param opts? promptstack.SendOpts
function M.copy(opts)
  require('promptstack.handover').send({ 'clipboard' }, opts)
end

--- Shows what could be better in the current buffer.
---@param opts? { by?: string } a provider's name, or `local`
function M.suggest(opts)
  require('promptstack.review').suggest(opts)
end

--- Accepts the suggestion that is shown.
---@param opts? { hunk?: boolean } its current hunk alone
function M.accept(opts)
  require('promptstack.review').accept(opts)
end

--- Takes the suggestion that is shown off the list.
function M.dismiss()
  require('promptstack.review').dismiss()
end

--- Shows the next suggestion.
function M.next_suggestion()
  require('promptstack.review').step(1)
end

--- Shows the previous suggestion.
function M.prev_suggestion()
  require('promptstack.review').step(-1)
end

--- Shows the suggestion as a unified diff.
function M.diff()
  require('promptstack.review').diff()
end

--- Asks for a continuation of the text at the cursor, or does something with the one that is shown.
---@param what? promptstack.GhostPart|'next'|'dismiss'
---@return boolean done whether there was anything to do it with
function M.complete(what)
  return require('promptstack.ghost').run(what)
end

--- The continuation that is shown at the cursor.
---@return string? text nil without one
function M.ghost()
  local ghost = package.loaded['promptstack.ghost']
  return ghost and ghost.text()
end

---@param name string
---@param args? table
local function run(name, args)
  require('promptstack.commands').call(name, args)
end

--- Shows a prompt without inserting it.
---@param id string
function M.preview(id)
  run('preview', { fargs = { id } })
end

--- Edits the file of a prompt.
---@param id string
function M.edit(id)
  run('edit', { fargs = { id } })
end

--- Checks the library, or the current buffer as a prompt.
---@param opts? { buffer?: boolean }
function M.validate(opts)
  run('validate', { bang = opts ~= nil and opts.buffer == true })
end

--- Opens the clean-up of the history.
function M.cleanup()
  run('cleanup')
end

--- Makes the index of the history anew.
function M.rebuild()
  run('rebuild')
end

--- Shows the project's configuration file, to trust it or no longer.
function M.trust()
  run('trust')
end

--- Opens config.yaml.
function M.settings()
  run('settings')
end

--- Opens the log.
function M.log()
  run('log')
end

--- Starts the host again.
function M.restart()
  run('restart')
end

--- What a status line shows of the current buffer, `saved ✓ · 1,234 chars · 45 lines · ~320 tok (0.2%) · 2/5`: of
--- a composition all of it, elsewhere `2/5` while placeholders are filled, else nothing.
---@return string
function M.status()
  local buf = vim.api.nvim_get_current_buf()
  -- A status line is drawn before anything else of ours is needed: nothing is loaded for it.
  if package.loaded['promptstack.composition.keeper'] then
    return require('promptstack.composition.status').text(buf)
  end
  local placeholder = package.loaded['promptstack.placeholder']
  local progress = placeholder and placeholder.status(buf)
  return progress and ('%d/%d'):format(progress.current, progress.total) or ''
end

--- The same for 'winbar', in colours.
---@return string
function M.winbar()
  local buf = vim.api.nvim_win_get_buf(vim.g.statusline_winid or 0)
  return require('promptstack.composition.status').bar(buf)
end

--- Builds the host with cargo; for a plugin manager's build hook.
---@param done? fun(ok: boolean)
function M.build(done)
  require('promptstack.build').run(done)
end

return M
