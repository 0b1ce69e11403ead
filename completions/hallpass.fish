complete --keep-order --exclusive --command hallpass --arguments "(HALLPASS_COMPLETE=fish hallpass -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
