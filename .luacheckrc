std = 'luajit'
self = false -- a method need not use its self
max_line_length = 120 -- stylua holds code to 110; this is for comments
max_string_line_length = false

-- What a plugin may assign to; to replace a function of Neovim is a mistake.
local writable = { read_only = false, other_fields = true }
read_globals = {
  vim = {
    other_fields = true,
    fields = {
      g = writable,
      b = writable,
      w = writable,
      t = writable,
      v = writable,
      env = writable,
      o = writable,
      go = writable,
      bo = writable,
      wo = writable,
      opt = writable,
      opt_local = writable,
      opt_global = writable,
    },
  },
}

files['tests'] = { globals = { 'vim' } } -- where it is no mistake
files['lua/promptstack/rpc/contract.lua'] = { max_line_length = false } -- generated
