-- The demo's settings: what a person would write into their own init.lua, and a text to begin with.
vim.g.mapleader = ' '
vim.o.laststatus = 3
vim.o.linebreak = true
vim.o.statusline = "%t %m%=%{v:lua.require'promptstack'.status()}  %l:%c "
vim.keymap.set('n', '<leader>p', '<Plug>(promptstack-pick)', { desc = 'pick a prompt' })
vim.keymap.set('i', '<C-g>p', '<Plug>(promptstack-pick)', { desc = 'pick a prompt' })
vim.keymap.set('n', '<leader>f', '<Plug>(promptstack-fill)', { desc = 'fill all placeholders' })

local welcome = {
  '# Welcome to promptstack.nvim',
  '',
  'This is a composition: an ordinary buffer in which a prompt for an AI takes shape.',
  '',
  '- <Space>p (or :Prompt) opens the library. Type to search, <CR> inserts.',
  '- <Tab> and <S-Tab> move between placeholders; typing replaces one.',
  '- :Prompt fill shows all placeholders as one form.',
  '- :Prompt suggest shows what could be better, as in the last lines here; a accepts, u takes it back.',
  '- :help promptstack has the rest. :q! leaves, and nothing of this is kept.',
  '',
  'Try it on the next lines: :Prompt next goes to the first placeholder, <Tab> to the one after it.',
  '',
  'Review {{text:what=my last commit}} as a {{choice:lens=security|performance|clarity}} reviewer.',
  'Look at these first:',
  '{{list:files}}',
  '',
  'Write integration tests for the payment API. Always mock the network.',
  'Be thorough and handle errors appropriately. Never use mocks.',
  '1. Run the the tests.',
  '3. Say what fails.',
  '',
}

vim.api.nvim_create_autocmd('VimEnter', {
  once = true,
  callback = function()
    local untouched = vim.api.nvim_buf_get_name(0) == '' and vim.api.nvim_buf_line_count(0) == 1
    if vim.fn.argc() > 0 or not untouched or #vim.api.nvim_list_uis() == 0 then
      return
    end
    vim.api.nvim_buf_set_lines(0, 0, -1, true, welcome)
    vim.bo.filetype = 'markdown'
    vim.bo.modified = false
    vim.api.nvim_win_set_cursor(0, { #welcome, 0 })
    require('promptstack').attach()
  end,
})
