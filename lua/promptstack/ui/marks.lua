--- The only extmark namespaces.
local M = {}

--- Colours of placeholders in a composition.
M.highlight = vim.api.nvim_create_namespace('promptstack.highlight')
--- The stops of a placeholder session.
M.session = vim.api.nvim_create_namespace('promptstack.session')
--- Findings, as diagnostics.
M.problems = vim.api.nvim_create_namespace('promptstack.problems')
--- What is wrong with references to files, as diagnostics.
M.references = vim.api.nvim_create_namespace('promptstack.references')
--- Colours of references that only the disk can tell from other words.
M.linked = vim.api.nvim_create_namespace('promptstack.linked')
--- Rows of our own windows.
M.window = vim.api.nvim_create_namespace('promptstack.window')
--- Labels of a form's fields.
M.form = vim.api.nvim_create_namespace('promptstack.form')
--- Where suggestions of a review, and their edits, stand in the text.
M.review = vim.api.nvim_create_namespace('promptstack.review')
--- The chosen suggestion as the text would be.
M.proposed = vim.api.nvim_create_namespace('promptstack.proposed')
--- What local checks found, as diagnostics.
M.suggestions = vim.api.nvim_create_namespace('promptstack.suggestions')
--- A continuation that is not in the text.
M.ghost = vim.api.nvim_create_namespace('promptstack.ghost')
--- That one is waited for.
M.ghost_wait = vim.api.nvim_create_namespace('promptstack.ghost_wait')

return M
